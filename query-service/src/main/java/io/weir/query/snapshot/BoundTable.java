package io.weir.query.snapshot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.TableId;
import io.weir.common.schema.MeasurementSchema;
import java.util.List;

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

    /** Paths of the files. */
    public List<String> paths() {
        return files.stream().map(FileRef::path).toList();
    }
}
