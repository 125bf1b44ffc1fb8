package io.weir.ingest.decode.arrow;

import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.SeriesTableBuilder;
import io.weir.ingest.decode.Utf8;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * The values of one dictionary of a stream, as far as dictionary batches have brought them. Several columns may share
 * it. A null value is kept as the empty string, which as a tag is no value either.
 */
final class TagDictionary {

    private final long id;
    private final Layout layout;
    private final LongConsumer memory;
    private int size;
    private int generation;
    private int[] ends = {};
    private byte[] text = {};

    TagDictionary(long id, Layout layout, LongConsumer memory) {
        this.id = id;
        this.layout = layout;
        this.memory = memory;
    }

    long id() {
        return id;
    }

    /** How the values lie in a dictionary batch. */
    Layout layout() {
        return layout;
    }

    /** Number of values. */
    int size() {
        return size;
    }

    /** A number that changes when the values are replaced, not when some are added. */
    int generation() {
        return generation;
    }

    /** Forgets all values, for those that replace them. */
    void clear() {
        size = 0;
        generation++;
    }

    /** Adds the values of a dictionary batch. */
    void add(ArrowArray values) {
        int count = values.rows();
        long neededValues = (long) size + count;
        long neededText = textLength();
        for (int i = 0; i < count; i++) {
            if (values.isValid(i)) {
                values.locate(i);
                neededText += values.to() - values.from();
            }
        }
        if (Math.max(neededValues, neededText) > Integer.MAX_VALUE - 8) {
            throw new ArrowFault("has " + neededValues + " values of " + neededText + " bytes (expected: below 2^31)");
        }
        if (neededValues > ends.length) {
            ends = Arrays.copyOf(ends, Capacity.grow(ends.length, neededValues, Integer.BYTES, memory));
        }
        if (neededText > text.length) {
            text = Arrays.copyOf(text, Capacity.grow(text.length, neededText, 1, memory));
        }
        for (int i = 0; i < count; i++) {
            int end = textLength();
            if (values.isValid(i)) {
                values.locate(i);
                requireUtf8(values, i);
                int length = values.to() - values.from();
                System.arraycopy(values.bytes(), values.from(), text, end, length);
                end += length;
            }
            ends[size++] = end;
        }
    }

    /** Code in {@code series} of value {@code index} as the value of {@code tag}; ABSENT when it is empty. */
    int code(int index, SeriesTableBuilder series, int tag) {
        int start = index == 0 ? 0 : ends[index - 1];
        return start == ends[index] ? SeriesTable.ABSENT : series.code(tag, text, start, ends[index]);
    }

    /** Fails unless the text found last is UTF-8. */
    static void requireUtf8(ArrowArray values, int row) {
        if (Utf8.firstInvalid(values.bytes(), values.from(), values.to()) >= 0) {
            throw new ArrowFault(row, "string is not UTF-8");
        }
    }

    private int textLength() {
        return size == 0 ? 0 : ends[size - 1];
    }
}
