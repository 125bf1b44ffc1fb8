package io.weir.ingest.decode;

import java.nio.charset.StandardCharsets;

/**
 * Removes the backslashes of line protocol. In names and tag values a backslash escapes only the characters that would
 * end the token; anywhere else it is itself. So a special character is escaped exactly when a backslash precedes it.
 */
final class Escapes {

    private byte[] text = new byte[256];
    private int length;

    /** The unescaped bytes; valid until the next call. */
    byte[] text() {
        return text;
    }

    /** How many bytes of {@link #text} count. */
    int length() {
        return length;
    }

    /** Unescapes a measurement: {@code \,} and {@code \ } (backslash, space). */
    void measurement(byte[] buffer, int from, int to) {
        remove(buffer, from, to, ',', ' ', ' ');
    }

    /** Unescapes a tag key, tag value or field key: {@code \,}, {@code \=} and {@code \ }. */
    void key(byte[] buffer, int from, int to) {
        remove(buffer, from, to, ',', ' ', '=');
    }

    /** Unescapes the inside of a quoted string: {@code \"} and {@code \\}. */
    void string(byte[] buffer, int from, int to) {
        remove(buffer, from, to, '"', '\\', '\\');
    }

    /** What was unescaped last, as a string. */
    @Override
    public String toString() {
        return new String(text, 0, length, StandardCharsets.UTF_8);
    }

    private void remove(byte[] buffer, int from, int to, char a, char b, char c) {
        if (text.length < to - from) {
            text = new byte[Math.max(to - from, text.length * 2)];
        }
        int out = 0;
        for (int i = from; i < to; i++) {
            if (buffer[i] == '\\' && i + 1 < to) {
                byte next = buffer[i + 1];
                if (next == a || next == b || next == c) {
                    i++;
                }
            }
            text[out++] = buffer[i];
        }
        length = out;
    }

    /** Whether {@code buffer[from, to)} holds a backslash. */
    static boolean present(byte[] buffer, int from, int to) {
        return Words.indexOf(buffer, '\\', from, to) >= 0;
    }
}
