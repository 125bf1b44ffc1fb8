package io.weir.common.batch;

import java.util.function.LongConsumer;

/** The bytes a builder holds so far. Every array is announced here before it is allocated. Not thread-safe. */
final class Growth {

    private static final int FIRST = 4;
    private static final int DOUBLING_UNTIL = 1 << 16;

    private final LongConsumer listener;
    private long bytes;

    Growth(LongConsumer listener) {
        this.listener = listener;
    }

    /** Announces {@code delta} more (or fewer) bytes; a refusal of the listener passes through and changes nothing. */
    void add(long delta) {
        if (delta != 0) {
            listener.accept(delta);
            bytes += delta;
        }
    }

    long bytes() {
        return bytes;
    }

    /** The next capacity after {@code capacity} that holds {@code needed} elements. */
    static int next(int capacity, int needed) {
        long grown = capacity < DOUBLING_UNTIL ? capacity * 2L : capacity + (capacity >> 1);
        return (int) Math.min(Math.max(Math.max(grown, FIRST), needed), Integer.MAX_VALUE - 8L);
    }

    /** The length to keep of an array with {@code used} of {@code capacity} elements: all, or exactly what is used. */
    static int kept(int used, int capacity) {
        return used + (used >> 2) >= capacity ? capacity : used;
    }
}
