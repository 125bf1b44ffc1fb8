package io.weir.query.snapshot;

import io.weir.common.schema.MeasurementSchema;
import java.util.List;
import java.util.Set;

/**
 * What the catalog knows of one measurement at one moment.
 *
 * @param schema its columns
 * @param files those of its committed files that overlap the range asked for
 * @param committedFlushIds those of the flush ids asked about whose files are committed
 * @param version {@link TableCatalog#storedVersion} at that moment; empty where it is not known
 */
public record TableSnapshot(
        MeasurementSchema schema, List<FileRef> files, Set<String> committedFlushIds, String version) {

    /** A snapshot of a version that is not known. */
    public TableSnapshot(MeasurementSchema schema, List<FileRef> files, Set<String> committedFlushIds) {
        this(schema, files, committedFlushIds, "");
    }

    public TableSnapshot {
        files = List.copyOf(files);
        committedFlushIds = Set.copyOf(committedFlushIds);
    }
}
