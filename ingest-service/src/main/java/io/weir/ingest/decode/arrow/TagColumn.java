package io.weir.ingest.decode.arrow;

import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.SeriesTableBuilder;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * One tag of a stream. A row's value is an index from 0: into the dictionary of the column, or, for a column of plain
 * text, the code that the series table gave the text. What an index of a dictionary means to the series table is found
 * out once, when a new series has it.
 */
final class TagColumn {

    private static final int UNKNOWN = -2;

    private final ArrowColumn column;
    private final LongConsumer memory;
    private int[] codes = {};
    private int[] plain = {};
    private int known;
    private int generation;
    private int tag;
    private int size;
    private int bits;

    TagColumn(ArrowColumn column, LongConsumer memory) {
        this.column = column;
        this.memory = memory;
    }

    String name() {
        return column.name();
    }

    /** Begins another batch, in which this is tag {@code number} of the series table. */
    void begin(int number) {
        tag = number;
        known = 0;
        size = 0;
    }

    /** Bits that hold index + 1 of every index there is. */
    int bits() {
        return bits;
    }

    /**
     * Prepares the rows of {@code values}.
     *
     * @return whether indexes mean other values than before, or {@link #bits} has changed
     */
    boolean prepare(ArrowArray values, SeriesTableBuilder series) {
        TagDictionary dictionary = column.dictionary();
        boolean changed = false;
        if (dictionary == null) {
            intern(values, series);
        } else {
            changed = dictionary.generation() != generation;
            if (changed) {
                known = 0;
                generation = dictionary.generation();
            }
            size = dictionary.size();
        }
        int needed = Integer.SIZE - Integer.numberOfLeadingZeros(size);
        changed |= needed != bits;
        bits = needed;
        return changed;
    }

    /** Adds index + 1 of each row with a value to its key, shifted; {@code first} says that keys are still undefined. */
    void pack(ArrowArray values, long[] keys, int shift, boolean first) {
        if (first) {
            Arrays.fill(keys, 0, values.rows(), 0);
        }
        if (values.values() == 0) {
            return;
        }
        if (column.dictionary() == null) {
            for (int row = 0; row < values.rows(); row++) {
                keys[row] |= (plain[row] + 1L) << shift;
            }
        } else if (values.layout() == Layout.INT32 && values.isComplete()) {
            packInts(values, keys, shift);
        } else {
            packIndexes(values, keys, shift);
        }
    }

    /** Code in the series table of {@code index}, which is -1 for no value. */
    int code(int index, SeriesTableBuilder series) {
        TagDictionary dictionary = column.dictionary();
        if (index < 0 || dictionary == null) {
            return index;
        }
        if (index >= known) {
            if (size > codes.length) {
                codes = Arrays.copyOf(codes, Capacity.grow(codes.length, size, Integer.BYTES, memory));
            }
            Arrays.fill(codes, known, size, UNKNOWN);
            known = size;
        }
        if (codes[index] == UNKNOWN) {
            codes[index] = dictionary.code(index, series, tag);
        }
        return codes[index];
    }

    /** Number of this tag in the series table. */
    int tag() {
        return tag;
    }

    private void packInts(ArrowArray values, long[] keys, int shift) {
        byte[] bytes = values.bytes();
        int at = values.data();
        int outside = 0;
        for (int row = 0; row < values.rows(); row++) {
            int index = LittleEndian.intAt(bytes, at + 4 * row);
            // Negative when the index is, or is not below the size.
            outside |= index | size - 1 - index;
            keys[row] |= (index + 1L) << shift;
        }
        if (outside < 0) {
            packIndexes(values, keys, shift);
        }
    }

    private void packIndexes(ArrowArray values, long[] keys, int shift) {
        for (int row = 0; row < values.rows(); row++) {
            if (values.isValid(row)) {
                long index = index(values, row);
                if (index < 0 || index >= size) {
                    boolean unsigned = values.layout() == Layout.UINT64;
                    throw new ArrowFault(
                            row,
                            "index " + (unsigned ? Long.toUnsignedString(index) : index)
                                    + " is outside its dictionary of " + size + " values");
                }
                keys[row] |= (index + 1) << shift;
            }
        }
    }

    private static long index(ArrowArray values, int row) {
        byte[] bytes = values.bytes();
        int at = values.data() + values.layout().width * row;
        return switch (values.layout()) {
            case INT8 -> bytes[at];
            case UINT8 -> bytes[at] & 0xff;
            case INT16 -> LittleEndian.shortAt(bytes, at);
            case UINT16 -> LittleEndian.shortAt(bytes, at) & 0xffff;
            case INT32 -> LittleEndian.intAt(bytes, at);
            case UINT32 -> LittleEndian.intAt(bytes, at) & 0xffffffffL;
            default -> LittleEndian.longAt(bytes, at);
        };
    }

    private void intern(ArrowArray values, SeriesTableBuilder series) {
        int rows = values.rows();
        if (rows > plain.length) {
            plain = new int[Capacity.grow(plain.length, rows, Integer.BYTES, memory)];
        }
        byte[] bytes = values.bytes();
        int previousFrom = 0;
        int previousTo = 0;
        int code = SeriesTable.ABSENT;
        for (int row = 0; row < rows; row++) {
            if (!values.isValid(row)) {
                plain[row] = SeriesTable.ABSENT;
                continue;
            }
            values.locate(row);
            int from = values.from();
            int to = values.to();
            if (!Arrays.equals(bytes, from, to, bytes, previousFrom, previousTo)) {
                code = from == to ? SeriesTable.ABSENT : code(values, row, series);
                previousFrom = from;
                previousTo = to;
            }
            plain[row] = code;
        }
    }

    private int code(ArrowArray values, int row, SeriesTableBuilder series) {
        TagDictionary.requireUtf8(values, row);
        int code = series.code(tag, values.bytes(), values.from(), values.to());
        size = Math.max(size, code + 1);
        return code;
    }
}
