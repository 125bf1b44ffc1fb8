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
 * @param version {@link Catalog#version} at that moment; empty where it is not known
 */
public record TableSnapshot(
        MeasurementSchema schema, List<DataFile> files, Set<String> committedFlushIds, String version) {

    public TableSnapshot {
        files = List.copyOf(files);
        committedFlushIds = Set.copyOf(committedFlushIds);
    }

    /** A snapshot of a version that is not known. */
    public TableSnapshot(MeasurementSchema schema, List<DataFile> files, Set<String> committedFlushIds) {
        this(schema, files, committedFlushIds, "");
    }
}
