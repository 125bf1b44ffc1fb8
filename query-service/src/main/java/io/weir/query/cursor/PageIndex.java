package io.weir.query.cursor;

import java.util.Arrays;

/** Where the pages of a result end in its file, and how many rows each has. Not thread-safe. */
final class PageIndex {

    private static final int FIRST_CAPACITY = 16;

    private long[] ends = new long[FIRST_CAPACITY];
    private int[] rows = new int[FIRST_CAPACITY];
    private int size;

    void add(long end, int pageRows) {
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, size * 2);
            rows = Arrays.copyOf(rows, size * 2);
        }
        ends[size] = end;
        rows[size++] = pageRows;
    }

    int size() {
        return size;
    }

    long begin(int page) {
        return page == 0 ? 0 : ends[page - 1];
    }

    long end(int page) {
        return ends[page];
    }

    int rows(int page) {
        return rows[page];
    }
}
