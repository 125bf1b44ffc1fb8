package io.weir.common.batch;

import io.weir.common.schema.ColumnType;
import java.util.Arrays;

/** Builds a {@link StringColumn}. */
final class StringColumnBuilder extends FieldColumnBuilder {

    /** Offsets {@code [0, nextRow]} are settled; those of rows skipped since are filled in with the next value. */
    private int[] offsets = {0};

    private byte[] bytes = {};

    StringColumnBuilder(String name, Growth growth, RowCapacity capacity) {
        super(name, ColumnType.STRING, growth, capacity);
    }

    void set(int row, byte[] utf8, int from, int to) {
        if (row + 1 >= offsets.length) {
            int length = capacity.atLeast(row + 1) + 1;
            growth.add(4L * (length - offsets.length));
            offsets = Arrays.copyOf(offsets, length);
        }
        int first = nextRow();
        if (first <= row) {
            Arrays.fill(offsets, first + 1, row + 1, offsets[first]);
        }
        int start = offsets[row];
        long needed = start + (long) to - from;
        if (needed > bytes.length) {
            if (needed > Integer.MAX_VALUE - 8) {
                throw new IllegalStateException("a string column cannot hold more than 2 GiB of text");
            }
            int length = Growth.next(bytes.length, (int) needed);
            growth.add(length - bytes.length);
            bytes = Arrays.copyOf(bytes, length);
        }
        settle(row);
        System.arraycopy(utf8, from, bytes, start, to - from);
        offsets[row + 1] = (int) needed;
    }

    @Override
    FieldColumn build(int rows) {
        int last = nextRow();
        int kept = kept(rows + 1, offsets.length);
        int[] ends = kept == offsets.length ? offsets : Arrays.copyOf(offsets, kept);
        Arrays.fill(ends, last + 1, rows + 1, offsets[last]);
        int keptBytes = Growth.kept(ends[rows], bytes.length);
        byte[] text = keptBytes == bytes.length ? bytes : Arrays.copyOf(bytes, keptBytes);
        return new StringColumn(name, ends, text, validity(rows));
    }
}
