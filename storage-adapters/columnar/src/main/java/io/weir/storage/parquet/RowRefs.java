package io.weir.storage.parquet;

import io.weir.common.batch.ColumnBatch;
import java.util.Arrays;
import java.util.List;

/** References to rows of a list of batches, each a {@code long}: the batch's index above, the row's index in the low half. */
final class RowRefs {

    private RowRefs() {}

    static long of(int batch, int row) {
        return ((long) batch << 32) | row;
    }

    static int batch(long ref) {
        return (int) (ref >>> 32);
    }

    static int row(long ref) {
        return (int) ref;
    }

    /** Every row in order of arrival. */
    static long[] all(List<ColumnBatch> batches) {
        long[] refs = new long[capacity(batches)];
        int count = 0;
        for (int batch = 0; batch < batches.size(); batch++) {
            int rows = batches.get(batch).rows();
            for (int row = 0; row < rows; row++) {
                refs[count++] = of(batch, row);
            }
        }
        return refs;
    }

    /** The rows in {@code [fromMicros, toMicros)} in order of arrival. */
    static long[] between(List<ColumnBatch> batches, long fromMicros, long toMicros) {
        long[] refs = new long[capacity(batches)];
        int count = 0;
        for (int batch = 0; batch < batches.size(); batch++) {
            ColumnBatch rows = batches.get(batch);
            if (rows.maxTimeMicros() < fromMicros || rows.minTimeMicros() >= toMicros) {
                continue;
            }
            long[] times = rows.timeMicros();
            for (int row = 0; row < rows.rows(); row++) {
                if (times[row] >= fromMicros && times[row] < toMicros) {
                    refs[count++] = of(batch, row);
                }
            }
        }
        return count == refs.length ? refs : Arrays.copyOf(refs, count);
    }

    private static int capacity(List<ColumnBatch> batches) {
        long rows = 0;
        for (ColumnBatch batch : batches) {
            rows += batch.rows();
        }
        if (rows > Integer.MAX_VALUE - 16) {
            throw new IllegalArgumentException(rows + " rows are too many to sort at once (expected: below 2^31)");
        }
        return (int) rows;
    }
}
