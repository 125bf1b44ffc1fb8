package io.weir.query.result;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.arrow.memory.ArrowBuf;

/** A growing array of JSON in UTF-8. Not thread-safe; grows as large as the largest value needs and is used again. */
final class JsonBytes {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = ascii("null");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] SMALLEST = ascii("-9223372036854775808");

    private byte[] bytes;
    private int size;
    private byte[] scratch = new byte[256];

    JsonBytes(int capacity) {
        this.bytes = new byte[capacity];
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    int size() {
        return size;
    }

    byte[] array() {
        return bytes;
    }

    void clear() {
        size = 0;
    }

    void raw(byte b) {
        ensure(1);
        bytes[size++] = b;
    }

    void raw(char ascii) {
        raw((byte) ascii);
    }

    void raw(byte[] text) {
        raw(text, 0, text.length);
    }

    void raw(byte[] text, int from, int length) {
        ensure(length);
        System.arraycopy(text, from, bytes, size, length);
        size += length;
    }

    /** Text of ASCII characters that need no escape. */
    void raw(String ascii) {
        ensure(ascii.length());
        for (int i = 0; i < ascii.length(); i++) {
            bytes[size++] = (byte) ascii.charAt(i);
        }
    }

    void nothing() {
        raw(NULL);
    }

    void bool(boolean value) {
        raw(value ? TRUE : FALSE);
    }

    void number(long value) {
        if (value == Long.MIN_VALUE) {
            raw(SMALLEST);
            return;
        }
        ensure(20);
        long rest = value;
        if (rest < 0) {
            bytes[size++] = '-';
            rest = -rest;
        }
        int digits = digits(rest);
        for (int at = size + digits - 1; at >= size; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
    }

    private static int digits(long value) {
        int digits = 1;
        for (long limit = 10; digits < 19 && value >= limit; limit *= 10) {
            digits++;
        }
        return digits;
    }

    /** {@code value} with leading zeros to {@code width} digits. */
    void padded(int value, int width) {
        ensure(width);
        int rest = value;
        for (int at = size + width - 1; at >= size; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += width;
    }

    /** A number, or null for what JSON has no number for. */
    void number(double value) {
        if (Double.isFinite(value)) {
            raw(Double.toString(value));
        } else {
            nothing();
        }
    }

    /** A number, or null for what JSON has no number for. */
    void number(float value) {
        if (Float.isFinite(value)) {
            raw(Float.toString(value));
        } else {
            nothing();
        }
    }

    void string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        string(utf8, utf8.length);
    }

    /** The string in {@code [from, to)} of a buffer of the engine. */
    void string(ArrowBuf buffer, long from, long to) {
        int length = Math.toIntExact(to - from);
        if (scratch.length < length) {
            scratch = new byte[Math.max(length, scratch.length * 2)];
        }
        buffer.getBytes(from, scratch, 0, length);
        string(scratch, length);
    }

    private void string(byte[] utf8, int length) {
        ensure(length + 2);
        bytes[size++] = '"';
        int copied = 0;
        for (int i = 0; i < length; i++) {
            byte b = utf8[i];
            if ((b >= 0 && b < 0x20) || b == '"' || b == '\\') {
                raw(utf8, copied, i - copied);
                escape(b);
                copied = i + 1;
            }
        }
        raw(utf8, copied, length - copied);
        raw('"');
    }

    private void escape(byte b) {
        raw('\\');
        switch (b) {
            case '"', '\\' -> raw(b);
            case '\n' -> raw('n');
            case '\r' -> raw('r');
            case '\t' -> raw('t');
            default -> {
                raw("u00");
                raw(HEX[b >> 4]);
                raw(HEX[b & 15]);
            }
        }
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
        }
    }
}
