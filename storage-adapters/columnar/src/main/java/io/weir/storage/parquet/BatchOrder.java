package io.weir.storage.parquet;

import io.weir.common.batch.FieldColumn;
import java.util.Arrays;

/**
 * A stretch of sorted rows by batch: neighbours in the sorted file come from many batches, so values are fetched batch by
 * batch, each array from memory once and in its order, and scattered to their places.
 *
 * <pre>
 *   batch 0 (all rows)    places[start(0) + row]
 *   batch 1 (some rows)   row rows[i] at places[i], i from start(1) to start(2)
 * </pre>
 */
final class BatchOrder {

    private int[] rows = new int[0];
    private int[] places = new int[0];
    private int[] starts = new int[1];
    private boolean[] whole = new boolean[0];

    /** Takes sorted rows {@code [from, to)}; a place is counted from {@code from}. */
    void take(SortedRows sorted, int from, int to) {
        int batches = sorted.batches().size();
        long[] refs = sorted.refs();
        if (places.length < to - from) {
            places = new int[to - from];
        }
        starts = new int[batches + 1];
        for (int i = from; i < to; i++) {
            starts[RowRefs.batch(refs[i]) + 1]++;
        }
        whole = new boolean[batches];
        boolean allWhole = true;
        for (int batch = 0; batch < batches; batch++) {
            whole[batch] = starts[batch + 1] == sorted.batches().get(batch).rows();
            allWhole &= whole[batch];
            starts[batch + 1] += starts[batch];
        }
        if (allWhole) {
            for (int i = from; i < to; i++) {
                places[starts[RowRefs.batch(refs[i])] + RowRefs.row(refs[i])] = i - from;
            }
        } else {
            takeSome(refs, from, to);
        }
    }

    private void takeSome(long[] refs, int from, int to) {
        if (rows.length < to - from) {
            rows = new int[to - from];
        }
        int[] next = Arrays.copyOf(starts, starts.length - 1);
        for (int i = from; i < to; i++) {
            int batch = RowRefs.batch(refs[i]);
            int row = RowRefs.row(refs[i]);
            int at = whole[batch] ? starts[batch] + row : next[batch]++;
            rows[at] = row;
            places[at] = i - from;
        }
    }

    /** Scatters the values of that batch's rows into {@code numbers}. */
    void scatter(int batch, long[] values, long[] numbers) {
        int start = starts[batch];
        int end = starts[batch + 1];
        int[] to = places;
        if (whole[batch]) {
            for (int i = start; i < end; i++) {
                numbers[to[i]] = values[i - start];
            }
        } else {
            for (int i = start; i < end; i++) {
                numbers[to[i]] = values[rows[i]];
            }
        }
    }

    /** The same for doubles, by their bits. */
    void scatter(int batch, double[] values, long[] numbers) {
        int start = starts[batch];
        int end = starts[batch + 1];
        int[] to = places;
        if (whole[batch]) {
            for (int i = start; i < end; i++) {
                numbers[to[i]] = Double.doubleToRawLongBits(values[i - start]);
            }
        } else {
            for (int i = start; i < end; i++) {
                numbers[to[i]] = Double.doubleToRawLongBits(values[rows[i]]);
            }
        }
    }

    /** The same for what {@code codes} stand for, by code in {@code numberOf}. */
    void scatter(int batch, int[] codes, int[] numberOf, long[] numbers) {
        int start = starts[batch];
        int end = starts[batch + 1];
        int[] to = places;
        if (whole[batch]) {
            for (int i = start; i < end; i++) {
                numbers[to[i]] = numberOf[codes[i - start]];
            }
        } else {
            for (int i = start; i < end; i++) {
                numbers[to[i]] = numberOf[codes[rows[i]]];
            }
        }
    }

    /** Removes that batch's rows from {@code present}: it lacks the field. */
    void removeAll(int batch, SpanPresence present) {
        for (int i = starts[batch]; i < starts[batch + 1]; i++) {
            present.remove(places[i]);
        }
    }

    /** Removes those of that batch's rows from {@code present} which are null in {@code field}. */
    void removeNulls(int batch, FieldColumn field, SpanPresence present) {
        if (field.validity() == null) {
            return;
        }
        for (int i = starts[batch]; i < starts[batch + 1]; i++) {
            if (field.isNull(whole[batch] ? i - starts[batch] : rows[i])) {
                present.remove(places[i]);
            }
        }
    }

    /** Number of rows of that batch. */
    int count(int batch) {
        return starts[batch + 1] - starts[batch];
    }

    /** The {@code index}-th row of that batch, in its batch. */
    int row(int batch, int index) {
        return whole[batch] ? index : rows[starts[batch] + index];
    }

    /** The place of the {@code index}-th row of that batch. */
    int place(int batch, int index) {
        return places[starts[batch] + index];
    }
}
