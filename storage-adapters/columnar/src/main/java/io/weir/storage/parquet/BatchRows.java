package io.weir.storage.parquet;

import io.weir.common.batch.ColumnBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of one batch that are to be sorted, at least one. Immutable; whoever reads {@link #rows} must not modify it. */
final class BatchRows {

    private final ColumnBatch batch;
    private final int @Nullable [] rows;
    private final int count;

    private BatchRows(ColumnBatch batch, int @Nullable [] rows, int count) {
        this.batch = batch;
        this.rows = rows;
        this.count = count;
    }

    /** Every row of that batch. */
    static BatchRows all(ColumnBatch batch) {
        return new BatchRows(batch, null, batch.rows());
    }

    /** The first {@code count} of those rows of that batch, which ascend. */
    static BatchRows of(ColumnBatch batch, int[] rows, int count) {
        return count == batch.rows() ? all(batch) : new BatchRows(batch, Arrays.copyOf(rows, count), count);
    }

    /** Every row of those batches. */
    static List<BatchRows> all(List<ColumnBatch> batches) {
        return batches.stream().map(BatchRows::all).toList();
    }

    /** The rows whose time is in {@code [fromMicros, toMicros)}, in the order of the batches. */
    static List<BatchRows> between(List<ColumnBatch> batches, long fromMicros, long toMicros) {
        List<BatchRows> found = new ArrayList<>();
        for (ColumnBatch batch : batches) {
            if (batch.maxTimeMicros() < fromMicros || batch.minTimeMicros() >= toMicros) {
                continue;
            }
            long[] times = batch.timeMicros();
            int[] rows = new int[batch.rows()];
            int count = 0;
            for (int row = 0; row < rows.length; row++) {
                if (times[row] >= fromMicros && times[row] < toMicros) {
                    rows[count++] = row;
                }
            }
            if (count > 0) {
                found.add(of(batch, rows, count));
            }
        }
        return found;
    }

    ColumnBatch batch() {
        return batch;
    }

    /** Their numbers in the batch, ascending; null means all rows of the batch. */
    int @Nullable [] rows() {
        return rows;
    }

    /** How many they are. */
    int count() {
        return count;
    }

    /** The number of the {@code index}-th of these rows in its batch. */
    int row(int index) {
        return rows == null ? index : rows[index];
    }
}
