package io.weir.storage.parquet;

import io.weir.common.batch.Bits;
import java.util.Arrays;

/** Which rows of a page have a value: its definition levels. Rows come in order, or all at once with {@link #allPresent}. */
final class Presence {

    /** Rows without a value. */
    private long[] absent = new long[0];

    private final RunPacking runs = new RunPacking();
    private int rows;
    private int nulls;

    /** Makes room for pages of that many rows. */
    void reserve(int capacity) {
        if (absent.length < Bits.words(capacity)) {
            clear();
            absent = new long[Bits.words(capacity)];
        }
    }

    /** Starts a page. */
    void clear() {
        if (nulls > 0) {
            Arrays.fill(absent, 0, Bits.words(rows), 0);
        }
        rows = 0;
        nulls = 0;
    }

    /** The next row has a value. */
    void present() {
        rows++;
    }

    /** The next {@code count} rows have a value. */
    void present(int count) {
        rows += count;
    }

    /** The next {@code count} rows have none. */
    void absent(int count) {
        for (int i = 0; i < count; i++) {
            Bits.set(absent, rows + i);
        }
        rows += count;
        nulls += count;
    }

    /** Starts a page of which every row has a value. */
    void allPresent(int count) {
        clear();
        present(count);
    }

    /** Starts a page of rows {@code [from, to)} of a span. */
    void take(SpanPresence span, int from, int to) {
        clear();
        rows = to - from;
        for (int row = 0; span.hasNulls() && row < rows; row += Long.SIZE) {
            long word = span.absent(from + row);
            int left = rows - row;
            word = left < Long.SIZE ? word & (1L << left) - 1 : word;
            absent[row >>> 6] = word;
            nulls += Long.bitCount(word);
        }
    }

    /** Moves the numbers of rows with a value to the front, in order; the first row's is at {@code from}. */
    void compact(long[] numbers, int from) {
        int kept = from;
        for (int row = 0; nulls > 0 && row < rows; row++) {
            if (!Bits.get(absent, row)) {
                numbers[kept++] = numbers[from + row];
            }
        }
    }

    int rows() {
        return rows;
    }

    int values() {
        return rows - nulls;
    }

    int nulls() {
        return nulls;
    }

    /** Appends definition levels 0 and 1 in the RLE hybrid encoding without a length, as version 2 pages want them. */
    void appendLevels(PageBuffer page) {
        runs.start(1, page);
        for (int from = 0; from < rows; ) {
            boolean isAbsent = Bits.get(absent, from);
            int to = end(from, isAbsent);
            runs.run(isAbsent ? 0 : 1, to - from);
            from = to;
        }
        runs.end();
    }

    /** The first row from {@code from} on that is not like it; whole words of like rows are passed at once. */
    private int end(int from, boolean isAbsent) {
        long flip = isAbsent ? -1 : 0;
        int word = from >>> 6;
        long others = (absent[word] ^ flip) & -1L << from;
        while (others == 0 && ++word << 6 < rows) {
            others = absent[word] ^ flip;
        }
        return others == 0 ? rows : Math.min(rows, (word << 6) + Long.numberOfTrailingZeros(others));
    }
}
