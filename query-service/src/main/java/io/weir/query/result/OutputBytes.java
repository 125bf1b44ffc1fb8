package io.weir.query.result;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of bytes. Not thread-safe; grows as large as the largest result chunk needs and is used again. */
class OutputBytes extends OutputStream {

    byte[] bytes;
    int size;

    OutputBytes(int capacity) {
        this.bytes = new byte[capacity];
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    final int size() {
        return size;
    }

    final byte[] array() {
        return bytes;
    }

    final void clear() {
        size = 0;
    }

    /** The bytes in {@code [from, to)} as an array of their own. */
    final byte[] copy(int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }

    final void raw(byte b) {
        ensure(1);
        bytes[size++] = b;
    }

    final void raw(byte[] text) {
        raw(text, 0, text.length);
    }

    final void raw(byte[] text, int from, int length) {
        ensure(length);
        System.arraycopy(text, from, bytes, size, length);
        size += length;
    }

    final void raw(ByteBuffer source) {
        int length = source.remaining();
        ensure(length);
        source.get(bytes, size, length);
        size += length;
    }

    @Override
    public final void write(int b) {
        raw((byte) b);
    }

    @Override
    public final void write(byte[] source, int from, int length) {
        raw(source, from, length);
    }

    final void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
        }
    }
}
