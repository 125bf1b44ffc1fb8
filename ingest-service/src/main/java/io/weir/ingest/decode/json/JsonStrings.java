package io.weir.ingest.decode.json;

import io.weir.ingest.decode.LineFault;
import io.weir.ingest.decode.Utf8;
import io.weir.ingest.decode.Words;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Reads JSON strings (RFC 8259, section 7) as UTF-8: in place when they hold no escape, else into a scratch array. The
 * result is valid until the next call.
 */
final class JsonStrings {

    private static final long QUOTES = Words.repeat('"');
    private static final long BACKSLASHES = Words.repeat('\\');
    private static final long SPACES = Words.repeat(' ');
    private static final String ESCAPES =
            "an escape: \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hexadecimal digits";

    private final LongConsumer memory;
    private byte[] scratch = {};
    private byte[] text = {};
    private int from;
    private int to;

    JsonStrings(LongConsumer memory) {
        this.memory = memory;
    }

    /** The array that holds the string read last, at {@code [from, to)}. */
    byte[] text() {
        return text;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    boolean isEmpty() {
        return from == to;
    }

    /** Whether the string read last is {@code ascii}. */
    boolean is(byte[] ascii) {
        return Arrays.equals(text, from, to, ascii, 0, ascii.length);
    }

    /** The string read last. */
    @Override
    public String toString() {
        return new String(text, from, to - from, StandardCharsets.UTF_8);
    }

    /** Reads the string behind the quote at {@code start - 1}; returns the position after its closing quote. */
    int read(byte[] buffer, int start, int limit) {
        int at = stop(buffer, start, limit);
        if (buffer[at] == '"') {
            text = buffer;
            from = start;
            to = at;
        } else {
            at = unescape(buffer, start, at, limit);
        }
        // Escapes are ASCII and make whole characters, so the bytes as written tell.
        int invalid = Utf8.firstInvalid(buffer, start, at);
        if (invalid >= 0) {
            throw LineFault.syntax(invalid, "string is not UTF-8", "well-formed UTF-8");
        }
        return at + 1;
    }

    /** Gives the scratch array back. */
    void close() {
        memory.accept(-scratch.length);
        scratch = new byte[0];
    }

    /** Position of the first quote or backslash; anything else that cannot stand in a string is a fault. */
    private static int stop(byte[] buffer, int start, int limit) {
        int at = start;
        while (at + 8 <= limit) {
            long word = Words.at(buffer, at);
            long control = (word - SPACES) & ~word & 0x8080808080808080L;
            long marks = Words.matches(word, QUOTES) | Words.matches(word, BACKSLASHES) | control;
            if (marks != 0) {
                at += Words.first(marks);
                return requirePrintable(buffer, at, limit);
            }
            at += 8;
        }
        while (buffer[at] != '"' && buffer[at] != '\\' && (buffer[at] < 0 || buffer[at] >= ' ')) {
            at++;
        }
        return requirePrintable(buffer, at, limit);
    }

    private static int requirePrintable(byte[] buffer, int at, int limit) {
        byte found = buffer[at];
        if (found == '"' || found == '\\') {
            return at;
        }
        if (found == '\n' || at >= limit) {
            throw LineFault.syntax(at, "string is not closed", "a closing double quote");
        }
        throw LineFault.syntax(
                at, "control character " + hex(found) + " in a string", "it escaped, as \\u00" + two(found));
    }

    private int unescape(byte[] buffer, int start, int firstEscape, int limit) {
        int out = 0;
        int at = start;
        int stop = firstEscape;
        while (true) {
            reserve(out + stop - at + 4);
            System.arraycopy(buffer, at, scratch, out, stop - at);
            out += stop - at;
            if (buffer[stop] == '"') {
                text = scratch;
                from = 0;
                to = out;
                return stop;
            }
            int plain = plain(buffer[stop + 1]);
            if (plain >= 0) {
                scratch[out++] = (byte) plain;
                at = stop + 2;
            } else {
                int character = character(buffer, stop);
                at = stop + (character >= 0x10000 ? 12 : 6);
                out = encode(character, out);
            }
            stop = stop(buffer, at, limit);
        }
    }

    /** What the escape of one letter stands for, or -1. */
    private static int plain(byte letter) {
        return switch (letter) {
            case '"', '\\', '/' -> letter;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> -1;
        };
    }

    /** The character that the escape at {@code at} says, with its second half when it is one of a pair. */
    private static int character(byte[] buffer, int at) {
        int unit = unit(buffer, at);
        if (unit < 0) {
            throw LineFault.syntax(at, "backslash that escapes nothing", ESCAPES);
        }
        if (unit < 0xd800 || unit > 0xdfff) {
            return unit;
        }
        int low = unit < 0xdc00 ? unit(buffer, at + 6) : -1;
        if (low < 0xdc00 || low > 0xdfff) {
            throw LineFault.syntax(
                    at,
                    "\\u" + Integer.toHexString(unit) + " is half a character",
                    "a surrogate pair, high half first");
        }
        return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }

    /** The UTF-16 unit of {@code \}{@code uXXXX} at {@code at}, or -1 when that is not there. Ends at the newline behind the text. */
    private static int unit(byte[] buffer, int at) {
        if (buffer[at] != '\\' || buffer[at + 1] != 'u') {
            return -1;
        }
        int unit = 0;
        for (int i = at + 2; i < at + 6; i++) {
            int digit = buffer[i] < 0 ? -1 : Character.digit(buffer[i], 16);
            if (digit < 0) {
                return -1;
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }

    private int encode(int character, int at) {
        int out = at;
        if (character < 0x80) {
            scratch[out++] = (byte) character;
        } else if (character < 0x800) {
            scratch[out++] = (byte) (0xc0 | character >> 6);
            scratch[out++] = (byte) (0x80 | (character & 0x3f));
        } else {
            if (character < 0x10000) {
                scratch[out++] = (byte) (0xe0 | character >> 12);
            } else {
                scratch[out++] = (byte) (0xf0 | character >> 18);
                scratch[out++] = (byte) (0x80 | (character >> 12 & 0x3f));
            }
            scratch[out++] = (byte) (0x80 | (character >> 6 & 0x3f));
            scratch[out++] = (byte) (0x80 | (character & 0x3f));
        }
        return out;
    }

    private void reserve(int needed) {
        if (needed > scratch.length) {
            int capacity = Math.max(Math.max(256, needed), scratch.length * 2);
            memory.accept(capacity - scratch.length);
            scratch = Arrays.copyOf(scratch, capacity);
        }
    }

    private static String hex(byte control) {
        return "0x" + two(control);
    }

    private static String two(byte control) {
        return (control < 16 ? "0" : "") + Integer.toHexString(control);
    }
}
