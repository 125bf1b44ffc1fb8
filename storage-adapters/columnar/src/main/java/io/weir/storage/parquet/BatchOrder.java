package io.weir.storage.parquet;

/**
 * The rows of one row group by batch: neighbours in the sorted file come from many batches, so values are fetched batch by
 * batch, each array from memory once, and scattered to their places.
 */
final class BatchOrder {

    private final int[] rows;
    private final int[] places;
    private int[] starts = new int[0];

    /** @param capacity most rows of a row group */
    BatchOrder(int capacity) {
        this.rows = new int[capacity];
        this.places = new int[capacity];
    }

    /** Takes sorted rows {@code [from, to)}. */
    void take(SortedRows sorted, int from, int to) {
        int batches = sorted.batches().size();
        long[] refs = sorted.refs();
        starts = new int[batches + 1];
        for (int i = from; i < to; i++) {
            starts[RowRefs.batch(refs[i]) + 1]++;
        }
        for (int batch = 1; batch <= batches; batch++) {
            starts[batch] += starts[batch - 1];
        }
        int[] next = starts.clone();
        for (int i = from; i < to; i++) {
            int at = next[RowRefs.batch(refs[i])]++;
            rows[at] = RowRefs.row(refs[i]);
            places[at] = i - from;
        }
    }

    /** Index in {@link #rows} and {@link #places} of the first row of that batch; of the one after the last: the end. */
    int start(int batch) {
        return starts[batch];
    }

    /** Rows in their batches. */
    int[] rows() {
        return rows;
    }

    /** Places in the row group. */
    int[] places() {
        return places;
    }
}
