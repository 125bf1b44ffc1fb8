package io.weir.ingest.decode;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * The start of a line whose end has not arrived yet: at most one line's worth of bytes, and where its end is looked for. A
 * line without a quote ends at its first newline; only a line with one needs {@link LineEnd}.
 */
final class LineCarry {

    private static final int FIRST = 1_024;

    private final int limit;
    private final LongConsumer memory;
    private final LineEnd end = new LineEnd();
    private byte[] bytes = {};
    private int length;
    private boolean complete;
    private boolean quoted;

    LineCarry(int limit, LongConsumer memory) {
        this.limit = limit;
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

    /** Whether more bytes than a line may have are here. */
    boolean isFull() {
        return length > limit;
    }

    /**
     * Takes bytes up to the end of the line, or until it is full.
     *
     * @return position after what was taken; the line is complete when {@link #isComplete}
     */
    int take(byte[] buffer, int from, int to) {
        int room = Math.min(to, from + limit + 1 - length);
        int lineEnd = lineEnd(buffer, from, room);
        int upTo = lineEnd < 0 ? room : lineEnd;
        reserve(length + upTo - from);
        System.arraycopy(buffer, from, bytes, length, upTo - from);
        length += upTo - from;
        complete = lineEnd >= 0;
        return upTo;
    }

    /** Position after the newline that ends the line, or -1 when {@code buffer[from, to)} does not hold it. */
    private int lineEnd(byte[] buffer, int from, int to) {
        if (!quoted) {
            int newline = Words.indexOf(buffer, '\n', from, to);
            if (Words.indexOf(buffer, '"', from, newline < 0 ? to : newline) < 0) {
                return newline < 0 ? -1 : newline + 1;
            }
            quoted = true;
            end.find(bytes, 0, length);
        }
        return end.find(buffer, from, to);
    }

    /** Whether the last {@link #take} found the end of the line. */
    boolean isComplete() {
        return complete;
    }

    /** Ends the line with the newline it lacks at the end of a body. */
    void terminate() {
        reserve(length + 1);
        bytes[length++] = '\n';
    }

    /** Position after the first newline, or -1. */
    int firstNewline() {
        int newline = Words.indexOf(bytes, '\n', 0, length);
        return newline < 0 ? -1 : newline + 1;
    }

    /** Empties this and returns a copy of the bytes from {@code from} on. */
    byte[] drain(int from) {
        byte[] rest = Arrays.copyOfRange(bytes, from, length);
        clear();
        return rest;
    }

    void clear() {
        length = 0;
        complete = false;
        quoted = false;
        end.reset();
    }

    /** Gives its memory back. */
    void close() {
        memory.accept(-bytes.length);
        bytes = new byte[0];
        clear();
    }

    private void reserve(int needed) {
        if (needed > bytes.length) {
            int capacity = Math.max(Math.max(FIRST, needed), Math.min(bytes.length * 2, limit + 2));
            memory.accept(capacity - bytes.length);
            bytes = Arrays.copyOf(bytes, capacity);
        }
    }
}
