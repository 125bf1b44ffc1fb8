package io.weir.storage.catalog;

import io.weir.common.schema.MeasurementSchema;
import java.util.List;
import java.util.Set;

/**
 * A measurement as of one moment.
 *
 * @param schema its columns
 * @param files those of its files that overlap the range asked for
 * @param committedFlushIds of the flush ids that were asked about, those that are committed
 */
public record TableSnapshot(MeasurementSchema schema, List<DataFile> files, Set<String> committedFlushIds) {

    public TableSnapshot {
        files = List.copyOf(files);
        committedFlushIds = Set.copyOf(committedFlushIds);
    }
}
