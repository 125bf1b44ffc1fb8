package io.weir.storage.parquet;

import io.weir.common.batch.Utf8Dictionary;
import java.util.Arrays;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One numbering for the dictionaries of many batches: equal texts get equal numbers. Batches that share a dictionary, or
 * have one that says the same, cost nothing again. Not thread-safe.
 */
final class TextNumbers {

    /** Numbering many large dictionaries would take memory that nobody has set aside. */
    private static final int MAX_BYTES = 4 << 20;

    private static final int RECENT = 4;

    private final Utf8Interner texts = new Utf8Interner();
    private final IdentityHashMap<Utf8Dictionary, int[]> numbersOf = new IdentityHashMap<>();
    private final @Nullable Utf8Dictionary[] recent = new Utf8Dictionary[RECENT];
    private int oldest;

    /** By code of {@code dictionary} the number of its text; null when there are too many texts in all. */
    int @Nullable [] of(Utf8Dictionary dictionary) {
        int[] numbers = numbersOf.get(dictionary);
        if (numbers == null) {
            numbers = like(dictionary);
            if (numbers == null) {
                numbers = intern(dictionary);
                if (numbers == null) {
                    return null;
                }
                recent[oldest] = dictionary;
                oldest = (oldest + 1) % RECENT;
            }
            numbersOf.put(dictionary, numbers);
        }
        return numbers;
    }

    /** The texts by number. Valid until the next is numbered. */
    Utf8Dictionary dictionary() {
        return texts.dictionary();
    }

    /** Number of texts. */
    int size() {
        return texts.size();
    }

    private int @Nullable [] like(Utf8Dictionary dictionary) {
        for (Utf8Dictionary other : recent) {
            if (other != null && other.isSame(dictionary)) {
                return numbersOf.get(other);
            }
        }
        return null;
    }

    private int @Nullable [] intern(Utf8Dictionary dictionary) {
        int[] numbers = new int[dictionary.size()];
        for (int code = 0; code < numbers.length; code++) {
            numbers[code] = texts.intern(dictionary.bytes(), dictionary.start(code), dictionary.end(code));
            if (texts.byteLength() > MAX_BYTES) {
                return null;
            }
        }
        return numbers;
    }

    /** The numbering of one row group: codes in order of first sight. */
    static final class Codes {

        private int[] codeOf = new int[0];
        private int[] numbers = new int[16];
        private int size;

        /** Begins a row group of texts with numbers below {@code limit}. */
        void begin(int limit) {
            for (int code = 0; code < size; code++) {
                codeOf[numbers[code]] = 0;
            }
            size = 0;
            if (codeOf.length < limit) {
                codeOf = new int[limit];
            }
        }

        /** The code of the text of that number, given now when it is new. */
        int of(int number) {
            int code = codeOf[number];
            if (code == 0) {
                if (size == numbers.length) {
                    numbers = Arrays.copyOf(numbers, size * 2);
                }
                numbers[size++] = number;
                code = size;
                codeOf[number] = code;
            }
            return code - 1;
        }

        /** How many codes were given. */
        int size() {
            return size;
        }

        /** The number of the text with that code. */
        int number(int code) {
            return numbers[code];
        }
    }
}
