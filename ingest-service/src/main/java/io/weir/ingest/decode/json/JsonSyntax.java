package io.weir.ingest.decode.json;

import io.weir.ingest.decode.LineFault;

/**
 * The tokens of JSON (RFC 8259) between values. The buffer has a newline at the end of the text, where every scan stops.
 * In a line a newline is that end; in a document it is white space before it.
 */
final class JsonSyntax {

    /** Deepest nesting of objects and arrays. */
    static final int MAX_DEPTH = 64;

    private static final String VALUE = "a number, a string, true, false or null";

    private final boolean document;
    private final JsonStrings strings;
    private final JsonNumbers numbers;

    JsonSyntax(boolean document, JsonStrings strings, JsonNumbers numbers) {
        this.document = document;
        this.strings = strings;
        this.numbers = numbers;
    }

    /** Position of the first byte from {@code from} on that is no white space, at most that of the newline behind the text. */
    int space(byte[] buffer, int from, int limit) {
        int at = from;
        while (buffer[at] <= ' ' && buffer[at] >= 0) {
            byte next = buffer[at];
            if (next == ' ' || next == '\t' || next == '\r' || (next == '\n' && document && at < limit)) {
                at++;
            } else {
                return at;
            }
        }
        return at;
    }

    /** Position of what follows the colon behind a key that ends at {@code from}. */
    int colon(byte[] buffer, int from, int limit) {
        int at = buffer[from] == ':' ? from : space(buffer, from, limit);
        if (buffer[at] != ':') {
            throw unexpected(buffer, at, limit, "behind a key", "a colon");
        }
        return buffer[at + 1] > ' ' ? at + 1 : space(buffer, at + 1, limit);
    }

    /** Position behind {@code true}, {@code false} or {@code null}, whichever begins at {@code at}. */
    int literal(byte[] buffer, int at, int limit, String word) {
        for (int i = 1; i < word.length(); i++) {
            if (buffer[at + i] != word.charAt(i)) {
                throw unexpected(buffer, at, limit, "where a value should be", VALUE);
            }
        }
        return at + word.length();
    }

    /** The fault of a value that begins none of the values of a row. */
    LineFault noValue(byte[] buffer, int at, int limit, String name) {
        byte found = buffer[at];
        if (found == '{' || found == '[') {
            return LineFault.syntax(
                    at, "value of \"" + name + "\" is " + (found == '{' ? "an object" : "an array"), VALUE);
        }
        return unexpected(buffer, at, limit, "as the value of \"" + name + '"', VALUE);
    }

    LineFault unexpected(byte[] buffer, int at, int limit, String where, String expected) {
        String found = at >= limit || buffer[at] == '\n' ? "end of text" : quoted(buffer[at]);
        return LineFault.syntax(at, "unexpected " + found + ' ' + where, expected);
    }

    private static String quoted(byte found) {
        return found > ' ' ? "\"" + (char) found + '"' : String.format("byte 0x%02x", found);
    }

    /** Position behind the value at {@code from}, whatever it is and holds; all of it is checked. */
    int skip(byte[] buffer, int from, int limit) {
        long objects = 0;
        int depth = 0;
        int at = from;
        while (true) {
            byte first = buffer[at];
            boolean opens = first == '{' || first == '[';
            if (opens) {
                if (depth == MAX_DEPTH) {
                    throw LineFault.limit(at, "value is nested too deep", "at most " + MAX_DEPTH + " levels");
                }
                objects = objects << 1 | (first == '{' ? 1 : 0);
                depth++;
                at = space(buffer, at + 1, limit);
                if (buffer[at] != (first == '{' ? '}' : ']')) {
                    at = first == '{' ? key(buffer, at, limit) : at;
                    continue;
                }
            } else {
                at = scalar(buffer, at, limit);
            }
            // Behind a value, or at the bracket that closes an empty one.
            while (true) {
                if (opens) {
                    opens = false;
                } else {
                    if (depth == 0) {
                        return at;
                    }
                    at = space(buffer, at, limit);
                }
                boolean object = (objects & 1) != 0;
                if (buffer[at] == ',') {
                    at = space(buffer, at + 1, limit);
                    at = object ? key(buffer, at, limit) : at;
                    break;
                }
                if (buffer[at] != (object ? '}' : ']')) {
                    throw unexpected(buffer, at, limit, "behind a value", object ? "a comma or }" : "a comma or ]");
                }
                at++;
                objects >>>= 1;
                depth--;
            }
        }
    }

    private int key(byte[] buffer, int at, int limit) {
        if (buffer[at] != '"') {
            throw unexpected(buffer, at, limit, "where a key should be", "a key in double quotes");
        }
        return colon(buffer, strings.read(buffer, at + 1, limit), limit);
    }

    private int scalar(byte[] buffer, int at, int limit) {
        byte first = buffer[at];
        return switch (first) {
            case '"' -> strings.read(buffer, at + 1, limit);
            case 't' -> literal(buffer, at, limit, "true");
            case 'f' -> literal(buffer, at, limit, "false");
            case 'n' -> literal(buffer, at, limit, "null");
            default -> {
                if (first != '-' && (first < '0' || first > '9')) {
                    throw unexpected(buffer, at, limit, "where a value should be", "a JSON value");
                }
                yield numbers.read(buffer, at);
            }
        };
    }
}
