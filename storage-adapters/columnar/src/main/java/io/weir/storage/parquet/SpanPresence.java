package io.weir.storage.parquet;

import io.weir.common.batch.Bits;
import java.util.Arrays;

/** Which rows of the row groups at work have a value in the column at work. */
final class SpanPresence {

    private long[] absent = new long[0];
    private int words;
    private boolean any;

    /** Starts a column: every one of {@code rows} rows has a value. */
    void allPresent(int rows) {
        if (any) {
            Arrays.fill(absent, 0, words, 0);
        }
        any = false;
        words = Bits.words(rows);
        if (absent.length < words) {
            absent = new long[words];
        }
    }

    /** Takes the value of a row. */
    void remove(int row) {
        Bits.set(absent, row);
        any = true;
    }

    /** Whether some row may lack a value. */
    boolean hasNulls() {
        return any;
    }

    /** Copies the 64 rows from {@code row} on, as far as there are, into one word: a bit is set where there is no value. */
    long absent(int row) {
        int word = row >>> 6;
        long low = absent[word] >>> row;
        return (row & 63) == 0 || word + 1 >= words ? low : low | absent[word + 1] << -row;
    }
}
