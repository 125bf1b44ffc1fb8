package io.weir.storage.parquet;

import java.util.Arrays;

/** Distinct 64-bit numbers of a page with codes in order of first sight; gives up when there are too many. */
final class NumberDictionary {

    private static final int MAX_ENTRIES = 1 << 14;

    private long[] entries = new long[0];
    private int[] slots = new int[0];
    private int mask;
    private int size;

    /**
     * Codes {@code count} numbers from {@code from} on.
     *
     * @param codes receives a code a number
     * @return whether a dictionary pays: at most a fourth as many entries as numbers, and few enough for this class
     */
    boolean encode(long[] numbers, int from, int count, int[] codes) {
        int most = Math.min(MAX_ENTRIES, count / 4);
        return most > 0 && encode(numbers, from, count, codes, most);
    }

    /** Codes the first {@code count} numbers, at most a few thousand, even when none comes again. */
    void encodeAny(long[] numbers, int count, int[] codes) {
        encode(numbers, 0, count, codes, count);
    }

    private boolean encode(long[] numbers, int from, int count, int[] codes, int most) {
        clear(most);
        for (int i = 0; i < count; i++) {
            int code = code(numbers[from + i], most);
            if (code < 0) {
                return false;
            }
            codes[i] = code;
        }
        return true;
    }

    /** Number of entries. */
    int size() {
        return size;
    }

    /** Entries by code; the first {@link #size} count. */
    long[] entries() {
        return entries;
    }

    private void clear(int most) {
        int slotCount = Integer.highestOneBit(most) * 4;
        if (slots.length < slotCount) {
            slots = new int[slotCount];
            entries = new long[slotCount];
        } else {
            Arrays.fill(slots, 0, slotCount, 0);
        }
        mask = slotCount - 1;
        size = 0;
    }

    private int code(long number, int most) {
        long hash = (number ^ (number >>> 32)) * 0x9E3779B97F4A7C15L;
        int slot = (int) (hash >>> 40) & mask;
        while (slots[slot] != 0) {
            int code = slots[slot] - 1;
            if (entries[code] == number) {
                return code;
            }
            slot = (slot + 1) & mask;
        }
        if (size == most) {
            return -1;
        }
        entries[size] = number;
        slots[slot] = size + 1;
        return size++;
    }
}
