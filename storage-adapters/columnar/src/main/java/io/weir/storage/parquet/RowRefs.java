package io.weir.storage.parquet;

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
}
