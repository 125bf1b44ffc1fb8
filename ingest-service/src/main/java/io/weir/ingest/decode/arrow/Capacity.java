package io.weir.ingest.decode.arrow;

import java.util.function.LongConsumer;

/** How arrays grow: exactly as needed the first time, as a stream of one record batch wants it, then by half. */
final class Capacity {

    private static final int LARGEST = Integer.MAX_VALUE - 8;

    private Capacity() {}

    /** The next length of an array of {@code length} elements that is to hold {@code needed}; charged before it is made. */
    static int grow(int length, long needed, int elementBytes, LongConsumer memory) {
        if (needed > LARGEST) {
            throw new ArrowFault("its values need " + needed + " elements in one batch (expected: below 2^31)");
        }
        int capacity = (int) Math.min(Math.max(needed, length + (length >> 1)), LARGEST);
        memory.accept((long) elementBytes * (capacity - length));
        return capacity;
    }

    /** The length to keep of an array with {@code used} of {@code length} elements: all, or exactly what is used. */
    static int kept(int used, int length) {
        return used + (used >> 2) >= length ? length : used;
    }
}
