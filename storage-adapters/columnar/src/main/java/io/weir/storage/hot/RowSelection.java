package io.weir.storage.hot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.TimeRange;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a batch, ascending.
 *
 * @param count how many
 * @param rows which; null for all of the batch
 */
record RowSelection(int count, int @Nullable [] rows) {

    /** The rows of that range. */
    static RowSelection of(ColumnBatch batch, TimeRange range) {
        if (range.fromMicros() <= batch.minTimeMicros() && batch.maxTimeMicros() <= range.toMicros()) {
            return new RowSelection(batch.rows(), null);
        }
        int[] selected = new int[batch.rows()];
        long[] times = batch.timeMicros();
        int count = 0;
        for (int row = 0; row < batch.rows(); row++) {
            if (times[row] >= range.fromMicros() && times[row] <= range.toMicros()) {
                selected[count++] = row;
            }
        }
        return new RowSelection(count, selected);
    }

    /** The row of the batch that is selected as the {@code index}th. */
    int row(int index) {
        return rows == null ? index : rows[index];
    }
}
