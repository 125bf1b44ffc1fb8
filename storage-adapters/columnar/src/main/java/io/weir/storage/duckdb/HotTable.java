package io.weir.storage.duckdb;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import java.util.List;

/**
 * Hot rows of one measurement as the columns of its schema. Column 0 is the time in microseconds, column 1 the
 * nanoseconds beyond it, column 2 + p the schema's column at position p. Immutable and thread-safe.
 *
 * @param schema the measurement's schema, at least as new as the batches
 * @param batches the rows
 */
record HotTable(MeasurementSchema schema, List<ColumnBatch> batches) {

    static final int TIME = 0;
    static final int NANOS = 1;
    static final int FIRST_COLUMN = 2;

    HotTable {
        batches = List.copyOf(batches);
    }

    /** Rows in all batches. */
    long rows() {
        return batches.stream().mapToLong(ColumnBatch::rows).sum();
    }

    /** Columns of the relation, the two of time included. */
    int columnCount() {
        return FIRST_COLUMN + schema.columns().size();
    }

    /** How column {@code index} is read from {@code batch}. */
    HotColumn column(ColumnBatch batch, long index) {
        if (index == TIME) {
            return HotColumn.longs(batch.timeMicros(), null);
        }
        if (index == NANOS) {
            return HotColumn.nanos(batch.timeNanos());
        }
        Column column = schema.columns().get((int) index - FIRST_COLUMN);
        return HotColumn.of(column, batch);
    }
}
