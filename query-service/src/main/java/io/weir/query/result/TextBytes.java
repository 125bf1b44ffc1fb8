package io.weir.query.result;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.arrow.memory.ArrowBuf;

/** Text in UTF-8, with the ways of JSON and of CSV to quote it. */
final class TextBytes extends OutputBytes {

    private static final byte[] HEX = ascii("0123456789abcdef");
    private static final byte[] NULL = ascii("null");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] SMALLEST = ascii("-9223372036854775808");

    private final NumberForm numbers;
    private byte[] scratch = new byte[256];

    TextBytes(int capacity) {
        this(capacity, NumberForm.NUMBER);
    }

    TextBytes(int capacity, NumberForm numbers) {
        super(capacity);
        this.numbers = numbers;
    }

    void raw(char ascii) {
        raw((byte) ascii);
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

    /** Whether the text is JSON's null. */
    boolean isNothing() {
        return Arrays.equals(array(), 0, size(), NULL, 0, NULL.length);
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

    /** A number of a type that 64-bit floats do not hold exactly. */
    void wide(long value) {
        quoteWide();
        number(value);
        quoteWide();
    }

    /** A number of a type that 64-bit floats do not hold exactly, as its digits. */
    void wide(String digits) {
        quoteWide();
        raw(digits);
        quoteWide();
    }

    private void quoteWide() {
        if (numbers == NumberForm.STRING) {
            raw('"');
        }
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
        int length = fetch(buffer, from, to); // which may make the array anew
        string(scratch, length);
    }

    /** The string in {@code [from, to)} of a buffer of the engine as a cell of CSV. */
    void cell(ArrowBuf buffer, long from, long to) {
        int length = fetch(buffer, from, to);
        cell(scratch, length);
    }

    private int fetch(ArrowBuf buffer, long from, long to) {
        int length = Math.toIntExact(to - from);
        if (scratch.length < length) {
            scratch = new byte[Math.max(length, scratch.length * 2)];
        }
        buffer.getBytes(from, scratch, 0, length);
        return length;
    }

    /** A cell of CSV: quoted when it is empty, which nothing is not, or holds what would end it. */
    void cell(byte[] utf8, int length) {
        boolean plain = length > 0;
        for (int i = 0; plain && i < length; i++) {
            byte b = utf8[i];
            plain = b != '"' && b != ',' && b != '\n' && b != '\r';
        }
        if (plain) {
            raw(utf8, 0, length);
            return;
        }
        raw('"');
        for (int i = 0; i < length; i++) {
            if (utf8[i] == '"') {
                raw('"');
            }
            raw(utf8[i]);
        }
        raw('"');
    }

    /**
     * Makes a cell of CSV of the JSON string that begins at {@code from}, ends the text, and holds nothing that either
     * would escape: only an empty one keeps its quotes.
     */
    void unquote(int from) {
        if (size - from == 2) {
            return;
        }
        System.arraycopy(bytes, from + 1, bytes, from, size - from - 2);
        size -= 2;
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
}
