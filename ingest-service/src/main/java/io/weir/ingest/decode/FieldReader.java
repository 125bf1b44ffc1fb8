package io.weir.ingest.decode;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.schema.ColumnType;

/** Reads the field section of a line into the open row of its measurement. */
final class FieldReader {

    private static final long QUOTES = Words.repeat('"');
    private static final long BACKSLASHES = Words.repeat('\\');
    private static final long NEWLINES = Words.repeat('\n');

    private final NumberReader numbers;
    private final Escapes escapes;
    private int newlines;
    private boolean escaped;
    private boolean nonAscii;
    /** Start of the last string if a newline is in it, else -1: where a line with garbage behind the string breaks. */
    private int brokenFrom = -1;

    FieldReader(NumberReader numbers, Escapes escapes) {
        this.numbers = numbers;
        this.escapes = escapes;
    }

    void startLine() {
        newlines = 0;
        brokenFrom = -1;
    }

    /** Newlines inside strings since {@link #startLine}. */
    int newlines() {
        return newlines;
    }

    /** Reads fields from {@code from} on; returns the position after the last value, or {@link LineReader#INCOMPLETE}. */
    int read(LineMeasurement measurement, byte[] buffer, int from, int limit) {
        int at = from;
        for (int position = 0; ; position++) {
            ColumnSlot slot = measurement.predicted(buffer, at, position);
            int value;
            if (slot != null) {
                value = at + slot.length() + 1;
            } else {
                value = keyEnd(buffer, at) + 1;
                slot = slot(measurement, buffer, at, value);
                measurement.predict(position, slot);
            }
            at = value(measurement, slot, buffer, value, limit);
            if (at == LineReader.INCOMPLETE || buffer[at] != ',') {
                return at;
            }
            at++;
        }
    }

    /** The fault of text behind a value that belongs to nothing. */
    LineFault trailing(byte[] buffer, int at) {
        return new LineFault(
                LineError.Kind.SYNTAX,
                at,
                "unexpected " + LineFault.word(buffer, at, buffer.length) + " behind a value",
                "a comma, a space or the end of the line",
                brokenFrom >= 0);
    }

    private ColumnSlot slot(LineMeasurement measurement, byte[] buffer, int at, int value) {
        ColumnSlot slot = measurement.known(buffer, at, value - 1);
        if (slot == null) {
            slot = measurement.add(buffer, at, value - 1, typeAt(buffer, value), escapes);
        }
        if (slot.type == ColumnType.TAG) {
            throw LineFault.name(at, "field \"" + slot.name + "\" is already a tag", "a field of another name");
        }
        return slot;
    }

    private static int keyEnd(byte[] buffer, int from) {
        int at = from;
        while (true) {
            byte next = buffer[at];
            boolean ends = next == '=' || next == ',' || next == ' ' || next == '\n';
            if (ends && (next == '\n' || at == from || buffer[at - 1] != '\\')) {
                if (next == '=' && at > from) {
                    return at;
                }
                throw LineFault.syntax(
                        from,
                        at == from
                                ? "field has no name"
                                : "field " + LineFault.quoted(buffer, from, at) + " has no value",
                        "field=value");
            }
            at++;
        }
    }

    /** Type of the value at {@code at}, which may be no value at all. */
    private ColumnType typeAt(byte[] buffer, int at) {
        byte first = buffer[at];
        if (first == '"') {
            return ColumnType.STRING;
        } else if (isNumber(first)) {
            numbers.field(buffer, at);
            return numbers.type();
        }
        return ColumnType.BOOLEAN;
    }

    private int value(LineMeasurement measurement, ColumnSlot slot, byte[] buffer, int at, int limit) {
        BatchBuilder builder = measurement.builder();
        byte first = buffer[at];
        brokenFrom = -1;
        if (isNumber(first)) {
            int end = numbers.field(buffer, at);
            ColumnType type = numbers.type();
            if (slot.type == ColumnType.FLOAT64 && type != ColumnType.UINT64) {
                builder.setDouble(
                        measurement.fieldIndex(slot), type == ColumnType.FLOAT64 ? numbers.real() : numbers.integer());
            } else if (slot.type == type) {
                builder.setLong(measurement.fieldIndex(slot), numbers.integer());
            } else {
                throw conflict(slot, type, at);
            }
            return end;
        } else if (first == '"') {
            int end = string(buffer, at + 1, limit, slot);
            if (end == LineReader.INCOMPLETE) {
                return end;
            }
            if (slot.type != ColumnType.STRING) {
                throw conflict(slot, ColumnType.STRING, at);
            }
            int index = measurement.fieldIndex(slot);
            if (escaped) {
                escapes.string(buffer, at + 1, end - 1);
                builder.setString(index, escapes.text(), 0, escapes.length());
            } else {
                builder.setString(index, buffer, at + 1, end - 1);
            }
            return end;
        }
        int length = booleanLength(buffer, at);
        if (length == 0) {
            throw LineFault.syntax(
                    at,
                    "value " + LineFault.word(buffer, at, limit) + " of field \"" + slot.name + "\" is no value",
                    "a number, a string in double quotes, or true or false");
        }
        if (slot.type != ColumnType.BOOLEAN) {
            throw conflict(slot, ColumnType.BOOLEAN, at);
        }
        builder.setBoolean(measurement.fieldIndex(slot), (first | 0x20) == 't');
        return at + length;
    }

    private static boolean isNumber(byte first) {
        return (first >= '0' && first <= '9') || first == '-' || first == '.';
    }

    private static LineFault conflict(ColumnSlot slot, ColumnType type, int at) {
        return new LineFault(
                LineError.Kind.TYPE_CONFLICT,
                at,
                "field \"" + slot.name + "\" is " + slot.type.noun() + " but the value is " + type.noun(),
                slot.type.noun(),
                false);
    }

    /** Length of the boolean at {@code at}: t T true True TRUE f F false False FALSE; 0 when it is none. */
    private static int booleanLength(byte[] buffer, int at) {
        byte first = buffer[at];
        if (first != 't' && first != 'T' && first != 'f' && first != 'F') {
            return 0;
        }
        String lower = (first | 0x20) == 't' ? "true" : "false";
        if (isValueEnd(buffer[at + 1])) {
            return 1;
        }
        // The second letter decides the case of the rest: all upper case only behind an upper case first letter.
        boolean upper = buffer[at + 1] < 'a';
        if (upper && first >= 'a') {
            return 0;
        }
        for (int i = 1; i < lower.length(); i++) {
            if (buffer[at + i] != (upper ? lower.charAt(i) - 0x20 : lower.charAt(i))) {
                return 0;
            }
        }
        return lower.length();
    }

    private static boolean isValueEnd(byte next) {
        return next == ',' || next == ' ' || next == '\n' || next == '\r' || next == '\t';
    }

    /** Finds the end of the string whose first byte is at {@code start}; returns the position after its quote. */
    private int string(byte[] buffer, int start, int limit, ColumnSlot slot) {
        escaped = false;
        nonAscii = false;
        int before = newlines;
        int at = start;
        while (true) {
            while (at + 8 <= limit) {
                long word = Words.at(buffer, at);
                if ((Words.matches(word, QUOTES) | Words.matches(word, BACKSLASHES) | Words.matches(word, NEWLINES))
                        != 0) {
                    break;
                }
                nonAscii |= Words.nonAscii(word) != 0;
                at += 8;
            }
            int stop = Math.min(at + 8, limit);
            for (; at < stop; at++) {
                byte next = buffer[at];
                if (next == '"') {
                    brokenFrom = newlines > before ? start : -1;
                    requireUtf8(buffer, start, at, slot);
                    return at + 1;
                } else if (next == '\\') {
                    escaped = true;
                    at++;
                    if (at < limit && buffer[at] == '\n') {
                        newlines++;
                    }
                    nonAscii |= at < limit && buffer[at] < 0;
                } else if (next == '\n') {
                    newlines++;
                } else {
                    nonAscii |= next < 0;
                }
            }
            if (at >= limit) {
                return LineReader.INCOMPLETE;
            }
        }
    }

    private void requireUtf8(byte[] buffer, int from, int to, ColumnSlot slot) {
        int invalid = nonAscii ? Utf8.firstInvalid(buffer, from, to) : -1;
        if (invalid >= 0) {
            throw LineFault.syntax(invalid, "value of field \"" + slot.name + "\" is not UTF-8", "well-formed UTF-8");
        }
    }
}
