package io.weir.ingest.decode;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Which earlier row of one columnar MessagePack item a row is probably like. Rows of a series come again and again, so a
 * text is first compared with that of the row before which had the same value in another column, the one with the most
 * values so far: one comparison instead of a search, most of the time.
 */
final class PackedLikeness {

    /** No row. */
    static final int NONE = -1;

    private final LongConsumer memory;
    /** Where the text of each row stood in the column being read. */
    private int[] texts = {};
    /** Per row an earlier one with the same value of the column with the most values, or {@link #NONE}. */
    private int[] earlier = {};

    private int mostValues;

    PackedLikeness(LongConsumer memory) {
        this.memory = memory;
    }

    /** Begins a column of {@code rows} texts; all columns of an item have as many. */
    void begin(int rows) {
        if (texts.length != rows) {
            memory.accept(8L * rows);
            texts = new int[rows];
            earlier = new int[rows];
            Arrays.fill(earlier, NONE);
        }
    }

    /** An earlier row that this one is probably like, or {@link #NONE}. */
    int earlier(int row) {
        return earlier[row];
    }

    /** Notes where the text of a row of the column being read stands. */
    void at(int row, int position) {
        texts[row] = position;
    }

    /** Where the text of an earlier row of the column being read stands. */
    int text(int row) {
        return texts[row];
    }

    /** Learns from a column with its codes, of {@code values} different ones, and {@code none} where there is no value. */
    void learn(int[] codes, int values, int none) {
        if (values <= mostValues) {
            return;
        }
        mostValues = values;
        int[] last = new int[values];
        Arrays.fill(last, NONE);
        for (int row = 0; row < codes.length; row++) {
            int code = codes[row];
            earlier[row] = code == none ? NONE : last[code];
            if (code != none) {
                last[code] = row;
            }
        }
    }
}
