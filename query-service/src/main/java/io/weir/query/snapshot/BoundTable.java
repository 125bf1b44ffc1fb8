package io.weir.query.snapshot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.TableId;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.duckdb.FileRows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows of one measurement that one query sees, each exactly once.
 *
 * @param table the measurement, in its own case
 * @param schema its columns
 * @param files committed files
 * @param hotBatches rows that are in none of them
 * @param version of these rows and columns
 */
public record BoundTable(
        TableId table,
        MeasurementSchema schema,
        List<FileRef> files,
        List<ColumnBatch> hotBatches,
        TableVersion version) {

    public BoundTable {
        files = List.copyOf(files);
        hotBatches = List.copyOf(hotBatches);
    }

    /** Rows of a version that is not told. */
    public BoundTable(TableId table, MeasurementSchema schema, List<FileRef> files, List<ColumnBatch> hotBatches) {
        this(table, schema, files, hotBatches, new TableVersion(table, "", ""));
    }

    /** The files, together where the same of their rows are deleted. */
    public List<FileRows> fileRows() {
        Map<List<String>, List<String>> paths = new LinkedHashMap<>();
        files.forEach(file -> paths.computeIfAbsent(file.deleted(), deleted -> new ArrayList<>())
                .add(file.path()));
        return paths.entrySet().stream()
                .map(some -> new FileRows(some.getValue(), some.getKey()))
                .toList();
    }
}
