package io.weir.ingest.decode.json;

import java.util.Arrays;
import java.util.function.LongConsumer;

/** The start of a line whose end has not arrived yet. */
final class UnfinishedLine {

    private static final int FIRST = 1_024;

    private final LongConsumer memory;
    private byte[] bytes = {};
    private int length;

    UnfinishedLine(LongConsumer memory) {
        this.memory = memory;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /** The bytes; {@link #length} of them count. */
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** Adds {@code buffer[from, to)}. */
    void add(byte[] buffer, int from, int to) {
        int needed = length + to - from;
        if (needed > bytes.length) {
            int capacity = Math.max(Math.max(FIRST, needed), bytes.length * 2);
            memory.accept(capacity - bytes.length);
            bytes = Arrays.copyOf(bytes, capacity);
        }
        System.arraycopy(buffer, from, bytes, length, to - from);
        length = needed;
    }

    void clear() {
        length = 0;
    }

    /** Gives its memory back. */
    void close() {
        memory.accept(-bytes.length);
        bytes = new byte[0];
        clear();
    }
}
