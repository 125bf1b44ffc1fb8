package io.weir.storage.hot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.TimeRange;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Rows of a batch, ascending. */
final class RowSelection {

    private final int count;
    private final int @Nullable [] rows;

    /**
     * A selection.
     *
     * @param count how many
     * @param rows which; null for the first ones of the batch
     */
    private RowSelection(int count, int @Nullable [] rows) {
        this.count = count;
        this.rows = rows;
    }

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

    /** The rows in {@code [from, to)} of an ascending list. */
    static RowSelection of(int[] rows, int from, int to) {
        return new RowSelection(to - from, Arrays.copyOfRange(rows, from, to));
    }

    /** How many rows are selected. */
    int count() {
        return count;
    }

    /** The row of the batch that is selected as the {@code index}th. */
    int row(int index) {
        return rows == null ? index : rows[index];
    }
}
