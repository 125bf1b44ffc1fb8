package io.weir.common.batch;

import io.weir.common.schema.ColumnType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The growing values of one field. A row may be set again until the next row starts, and undone; rows never set are
 * null, also those before the first value and after the last.
 */
abstract sealed class FieldColumnBuilder
        permits LongColumnBuilder, DoubleColumnBuilder, BooleanColumnBuilder, StringColumnBuilder {

    final String name;
    final ColumnType type;
    final Growth growth;
    final RowCapacity capacity;
    private int nextRow;
    /** Rows with a value; counted only once {@link #validity} exists, before that every row has one. */
    private int values;

    private long @Nullable [] validity;

    FieldColumnBuilder(String name, ColumnType type, Growth growth, RowCapacity capacity) {
        this.name = name;
        this.type = type;
        this.growth = new Growth(growth::add);
        this.capacity = capacity;
        this.growth.add(96);
    }

    /** Whether some row has a value. */
    final boolean hasValues() {
        return values() > 0;
    }

    /** The row after the last one that was set or skipped. */
    final int nextRow() {
        return nextRow;
    }

    /** Records that {@code row} has a value. Rows between the last one set and this one stay null. */
    final void settle(int row) {
        if (row == nextRow && validity == null) {
            nextRow = row + 1;
        } else if (row >= nextRow) {
            settleSparse(row);
        }
    }

    private void settleSparse(int row) {
        if (validity == null) {
            int words = Bits.words(capacity.atLeast(row + 1));
            growth.add(8L * words);
            validity = Bits.firstSet(nextRow, words * 64);
            values = nextRow;
        } else if (row >>> 6 >= validity.length) {
            int words = Bits.words(capacity.atLeast(row + 1));
            growth.add(8L * (words - validity.length));
            validity = Arrays.copyOf(validity, words);
        }
        Bits.set(validity, row);
        nextRow = row + 1;
        values++;
    }

    /** Takes the value of {@code row} back when it has one; only for the last row. */
    final void undo(int row) {
        if (nextRow == row + 1) {
            if (validity != null) {
                Bits.clear(validity, row);
                values--;
            }
            nextRow = row;
            cut(row);
        }
    }

    /** Validity for a column of {@code rows} rows, or null when every row has a value. */
    final long @Nullable [] validity(int rows) {
        if (values() == rows) {
            return null;
        }
        long[] words = validity == null ? Bits.firstSet(nextRow, rows) : validity;
        int kept = kept(Bits.words(rows), words.length);
        return kept == words.length ? words : Arrays.copyOf(words, kept);
    }

    private int values() {
        return validity == null ? nextRow : values;
    }

    /** Frees what only {@code row} held; its value was just undone. */
    void cut(int row) {}

    /** The column of {@code rows} rows; this builder must not be used afterwards. */
    abstract FieldColumn build(int rows);

    /** Gives back what the growth listener was charged for this column, which is dropped. */
    final void discard() {
        growth.add(-growth.bytes());
    }

    /** The length to keep of an array that needs {@code needed} elements and may be shorter, when its end is null. */
    static int kept(int needed, int capacity) {
        return capacity < needed ? needed : Growth.kept(needed, capacity);
    }
}
