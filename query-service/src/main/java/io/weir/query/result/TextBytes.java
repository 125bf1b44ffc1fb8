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

    private final NumberForm numbers;
    private final ShortestDecimal decimal = new ShortestDecimal();
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
        ensure(NumberText.WIDEST);
        size = NumberText.put(bytes, size, value);
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

    /** A number, or null for what JSON has no number for. */
    void number(double value) {
        if (Double.isFinite(value)) {
            ensure(NumberText.WIDEST);
            size = NumberText.put(bytes, size, value, decimal);
        } else {
            nothing();
        }
    }

    /** A number, or null for what JSON has no number for. */
    void number(float value) {
        if (Float.isFinite(value)) {
            ensure(NumberText.WIDEST);
            size = NumberText.put(bytes, size, value, decimal);
        } else {
            nothing();
        }
    }

    /** A number, or the name of what is none. */
    void numberOrName(double value) {
        if (Double.isFinite(value)) {
            number(value);
        } else {
            raw(Double.toString(value));
        }
    }

    /** A number, or the name of what is none. */
    void numberOrName(float value) {
        if (Float.isFinite(value)) {
            number(value);
        } else {
            raw(Float.toString(value));
        }
    }

    /** The bytes in {@code words}, eight in each, the first in its lowest bits. */
    void raw(long[] words, int length) {
        ensure(length + Long.BYTES);
        int at = size;
        for (long word : words) {
            SpecialBytes.setWord(bytes, at, word);
            at += Long.BYTES;
        }
        size += length;
    }

    void string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        string(utf8, 0, utf8.length);
    }

    /** The string in {@code [from, to)} of a buffer of the engine. */
    void string(ArrowBuf buffer, long from, long to) {
        int length = fetch(buffer, from, to); // which may make the array anew
        string(scratch, 0, length);
    }

    /** The string in {@code [from, to)} of a buffer of the engine as a cell of CSV. */
    void cell(ArrowBuf buffer, long from, long to) {
        int length = fetch(buffer, from, to);
        cell(scratch, 0, length);
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
    void cell(byte[] utf8, int from, int length) {
        if (length > 0 && SpecialBytes.arePlainCell(utf8, from, length)) {
            raw(utf8, from, length);
            return;
        }
        raw('"');
        for (int i = from; i < from + length; i++) {
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

    /** The string in UTF-8 there, quoted. */
    void string(byte[] utf8, int from, int length) {
        ensure(length + 2);
        bytes[size++] = '"';
        if (SpecialBytes.arePlainJson(utf8, from, length)) {
            raw(utf8, from, length);
        } else {
            escaped(utf8, from, from + length);
        }
        raw('"');
    }

    private void escaped(byte[] utf8, int from, int to) {
        int copied = from;
        for (int i = from; i < to; i++) {
            byte b = utf8[i];
            if ((b >= 0 && b < 0x20) || b == '"' || b == '\\') {
                raw(utf8, copied, i - copied);
                escape(b);
                copied = i + 1;
            }
        }
        raw(utf8, copied, to - copied);
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
