package io.weir.ingest.decode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits one row of CSV (RFC 4180) into values, by position, without copying them. A value that begins with a double quote
 * ends at the next one that is not doubled and may hold delimiters and newlines; a quote elsewhere is a character. Rows
 * end with LF or CRLF. Reused from row to row; not thread-safe.
 */
final class CsvRow {

    private final byte delimiter;
    private int[] from = new int[16];
    private int[] to = new int[16];
    private boolean[] doubled = new boolean[16];
    private int fields;
    private boolean complete;
    private @Nullable LineFault fault;
    private byte[] scratch = new byte[64];

    CsvRow(byte delimiter) {
        this.delimiter = delimiter;
    }

    /** Splits the row at {@code start}; returns the position after its newline, or {@code limit} when it has none. */
    int read(byte[] buffer, int start, int limit) {
        fields = 0;
        fault = null;
        complete = false;
        int at = start;
        while (true) {
            if (at < limit && buffer[at] == '"') {
                int close = closingQuote(buffer, at + 1, limit);
                if (close < 0) {
                    return broken(
                            LineFault.syntax(at, "quoted value is not closed", "a closing double quote"),
                            false,
                            buffer,
                            start,
                            limit);
                }
                end(at + 1, close);
                at = close + 1;
                if (at + 1 < limit && buffer[at] == '\r' && buffer[at + 1] == '\n') {
                    at++;
                }
                if (at < limit && buffer[at] != delimiter && buffer[at] != '\n') {
                    return broken(
                            LineFault.syntax(at, "text follows a closing quote", "a delimiter or the end of the row"),
                            true,
                            buffer,
                            at,
                            limit);
                }
            } else {
                int value = at;
                while (at < limit && buffer[at] != delimiter && buffer[at] != '\n') {
                    at++;
                }
                boolean carriage = at > value && buffer[at - 1] == '\r' && (at == limit || buffer[at] == '\n');
                doubledAt(fields, false);
                end(value, carriage ? at - 1 : at);
            }
            if (at >= limit) {
                return limit;
            }
            if (buffer[at] == '\n') {
                complete = true;
                return at + 1;
            }
            at++;
        }
    }

    /** A broken row ends at the first newline from {@code from}, so that it costs one line and not the rest of the file. */
    private int broken(LineFault what, boolean forGood, byte[] buffer, int from, int limit) {
        fault = what;
        int newline = Words.indexOf(buffer, '\n', from, limit);
        complete = forGood && newline >= 0;
        return newline < 0 ? limit : newline + 1;
    }

    private int closingQuote(byte[] buffer, int start, int limit) {
        doubledAt(fields, false);
        for (int at = start; at < limit; at++) {
            if (buffer[at] == '"') {
                if (at + 1 < limit && buffer[at + 1] == '"') {
                    doubledAt(fields, true);
                    at++;
                } else {
                    return at;
                }
            }
        }
        return -1;
    }

    private void doubledAt(int field, boolean value) {
        if (field == from.length) {
            from = Arrays.copyOf(from, field * 2);
            to = Arrays.copyOf(to, field * 2);
            doubled = Arrays.copyOf(doubled, field * 2);
        }
        doubled[field] = value;
    }

    private void end(int start, int end) {
        from[fields] = start;
        to[fields] = end;
        fields++;
    }

    /** Values of the row. */
    int fields() {
        return fields;
    }

    /** Whether the end of the row was seen: false when more bytes could change how it is split. */
    boolean isComplete() {
        return complete;
    }

    /** Why the row cannot be split, or null. */
    @Nullable
    LineFault fault() {
        return fault;
    }

    /** Start of value {@code i} in the buffer, quotes left out. */
    int from(int i) {
        return from[i];
    }

    /** End of value {@code i}. */
    int to(int i) {
        return to[i];
    }

    /** Whether quotes inside value {@code i} are doubled: then {@link #undouble} has its text. */
    boolean isDoubled(int i) {
        return doubled[i];
    }

    /** Writes value {@code i} with single quotes to {@link #scratch}. @return its length */
    int undouble(byte[] buffer, int i) {
        int length = 0;
        if (scratch.length < to[i] - from[i]) {
            scratch = new byte[to[i] - from[i]];
        }
        for (int at = from[i]; at < to[i]; at++) {
            scratch[length++] = buffer[at];
            at += buffer[at] == '"' ? 1 : 0;
        }
        return length;
    }

    byte[] scratch() {
        return scratch;
    }

    /** Value {@code i} as text, for headers. */
    String text(byte[] buffer, int i) {
        return isDoubled(i)
                ? new String(scratch, 0, undouble(buffer, i), StandardCharsets.UTF_8)
                : new String(buffer, from[i], to[i] - from[i], StandardCharsets.UTF_8);
    }
}
