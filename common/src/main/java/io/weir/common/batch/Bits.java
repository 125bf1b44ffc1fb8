package io.weir.common.batch;

import java.util.Arrays;

/** Bit sets in {@code long[]}: bit {@code i} is bit {@code i % 64} of word {@code i / 64}. */
public final class Bits {

    private Bits() {}

    /** Words needed for {@code bits} bits. */
    public static int words(int bits) {
        return (bits + 63) >>> 6;
    }

    /** Whether bit {@code index} is set. */
    public static boolean get(long[] words, int index) {
        return (words[index >>> 6] >>> index & 1L) != 0;
    }

    /** Sets bit {@code index}. */
    public static void set(long[] words, int index) {
        words[index >>> 6] |= 1L << index;
    }

    /** Clears bit {@code index}. */
    public static void clear(long[] words, int index) {
        words[index >>> 6] &= ~(1L << index);
    }

    /** A set in which exactly bits {@code [0, count)} are set, with room for {@code capacity} bits. */
    public static long[] firstSet(int count, int capacity) {
        long[] words = new long[Math.max(words(capacity), words(count))];
        Arrays.fill(words, 0, count >>> 6, -1L);
        if ((count & 63) != 0) {
            words[count >>> 6] = (1L << count) - 1;
        }
        return words;
    }

    /** How many of bits {@code [0, count)} are set. */
    public static int cardinality(long[] words, int count) {
        int set = 0;
        for (int i = 0; i < count >>> 6; i++) {
            set += Long.bitCount(words[i]);
        }
        if ((count & 63) != 0) {
            set += Long.bitCount(words[count >>> 6] & ((1L << count) - 1));
        }
        return set;
    }
}
