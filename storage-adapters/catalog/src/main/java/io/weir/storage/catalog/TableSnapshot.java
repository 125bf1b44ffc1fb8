package io.weir.storage.catalog;

import io.weir.common.model.Dedup;
import io.weir.common.schema.MeasurementSchema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A measurement as of one moment.
 *
 * @param schema its columns
 * @param files those of its files that overlap the range asked for, and are not left out by their tags
 * @param committedFlushIds of the flush ids that were asked about, those that are committed
 * @param version {@link Catalog#version} at that moment; empty where it is not known
 * @param deleted predicates of the rows that are deleted though files have them, by object key; files without any are not in it
 * @param dedup {@link Catalog#dedup} at that moment
 */
public record TableSnapshot(
        MeasurementSchema schema,
        List<DataFile> files,
        Set<String> committedFlushIds,
        String version,
        Map<String, List<String>> deleted,
        Optional<Dedup> dedup) {

    public TableSnapshot {
        files = List.copyOf(files);
        committedFlushIds = Set.copyOf(committedFlushIds);
        deleted = Map.copyOf(deleted);
    }

    /** A snapshot of a version that is not known. */
    public TableSnapshot(MeasurementSchema schema, List<DataFile> files, Set<String> committedFlushIds) {
        this(schema, files, committedFlushIds, "");
    }

    /** A snapshot of a measurement of which nothing is deleted and nothing was said. */
    public TableSnapshot(
            MeasurementSchema schema, List<DataFile> files, Set<String> committedFlushIds, String version) {
        this(schema, files, committedFlushIds, version, Map.of(), Optional.empty());
    }
}
