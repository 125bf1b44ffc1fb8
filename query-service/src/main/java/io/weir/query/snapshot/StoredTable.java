package io.weir.query.snapshot;

import io.weir.common.model.TimeRange;
import io.weir.common.schema.MeasurementSchema;
import java.util.Set;

/**
 * How much of one measurement is in files, at one moment.
 *
 * @param schema its columns
 * @param files files that may have rows of the range and the tags asked for
 * @param rows rows in them
 * @param bytes their size
 * @param times earliest to latest time in them; empty when there are none
 * @param committedFlushIds those of the flush ids asked about whose files are committed
 */
public record StoredTable(
        MeasurementSchema schema, int files, long rows, long bytes, TimeRange times, Set<String> committedFlushIds) {

    public StoredTable {
        committedFlushIds = Set.copyOf(committedFlushIds);
    }
}
