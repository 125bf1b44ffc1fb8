package io.weir.storage.parquet.merging;

import io.weir.common.batch.Utf8Dictionary;
import io.weir.storage.parquet.Utf8Interner;

/**
 * The values of one tag in the row groups being merged, numbered as they come, and their order. Number 0 is the tag's
 * absence, which comes first. Dictionaries are ascending, so each is merged into the order in one pass. Not thread-safe.
 */
final class TagValues {

    private final Utf8Interner interner = new Utf8Interner();
    /** By place: which value, numbered from 0. */
    private int[] order = new int[0];
    /** By number, its place plus 1; 0 for 0. */
    private int[] ranks = new int[1];

    /** Numbers of that dictionary's entries by code. @throws IllegalArgumentException when it is not ascending */
    int[] take(Utf8Dictionary dictionary) {
        int before = interner.size();
        int[] numbers = new int[dictionary.size()];
        for (int code = 0; code < numbers.length; code++) {
            if (code > 0 && Utf8Dictionary.compare(dictionary, code - 1, dictionary, code) >= 0) {
                throw new IllegalArgumentException("values of a tag are not ascending (expected: a sorted dictionary)");
            }
            numbers[code] = 1 + interner.intern(dictionary.bytes(), dictionary.start(code), dictionary.end(code));
        }
        if (interner.size() > before) {
            merge(before);
        }
        return numbers;
    }

    /** Brings the values from number {@code before} on, which ascend, into the order. */
    private void merge(int before) {
        int size = interner.size();
        Utf8Dictionary values = interner.dictionary();
        int[] merged = new int[size];
        int old = 0;
        int fresh = before;
        for (int place = 0; place < size; place++) {
            boolean takeOld =
                    fresh == size || (old < before && Utf8Dictionary.compare(values, order[old], values, fresh) < 0);
            merged[place] = takeOld ? order[old++] : fresh++;
        }
        order = merged;
        ranks = new int[size + 1];
        for (int place = 0; place < size; place++) {
            ranks[merged[place] + 1] = place + 1;
        }
    }

    /** By number, where it comes; valid until the next {@link #take}. */
    int[] ranks() {
        return ranks;
    }

    int bytes() {
        return interner.byteLength() + 24 * interner.size();
    }

    void clear() {
        interner.clear();
        order = new int[0];
        ranks = new int[1];
    }

    /**
     * A dictionary of some of the values, ascending.
     *
     * @param codes by number, not 0 for those; receives their codes plus 1
     */
    Utf8Dictionary dictionary(int[] codes) {
        Utf8Dictionary values = interner.dictionary();
        int count = 0;
        int length = 0;
        for (int value : order) {
            if (codes[value + 1] != 0) {
                codes[value + 1] = ++count;
                length += values.end(value) - values.start(value);
            }
        }
        int[] offsets = new int[count + 1];
        byte[] bytes = new byte[length];
        int code = 0;
        for (int value : order) {
            if (codes[value + 1] != 0) {
                int size = values.end(value) - values.start(value);
                System.arraycopy(values.bytes(), values.start(value), bytes, offsets[code], size);
                offsets[code + 1] = offsets[code] + size;
                code++;
            }
        }
        return new Utf8Dictionary(count, offsets, bytes);
    }

    /** A dictionary of the value with that number, which is not 0; a copy. */
    Utf8Dictionary only(int number) {
        int[] codes = new int[interner.size() + 1];
        codes[number] = 1;
        return dictionary(codes);
    }

    /** How many values there are. */
    int size() {
        return interner.size();
    }
}
