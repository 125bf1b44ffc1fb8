package io.weir.ingest.decode;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.schema.ColumnType;

/** Reads the field section of a line into the open row of its measurement. */
final class FieldReader {

    /** The value is not of the common kinds. */
    private static final int OTHER = -2;

    /** Bytes that reading a plain number may look at. */
    private static final int PLAIN_BYTES = 24;

    private static final long QUOTES = Words.repeat('"');
    private static final long BACKSLASHES = Words.repeat('\\');
    private static final long NEWLINES = Words.repeat('\n');

    private final NumberReader numbers;
    private final Escapes escapes;
    private int newlines;
    private boolean escaped;
    private boolean nonAscii;
    /** Position after the last string with a newline in it, else -1: a line with garbage there breaks in that string. */
    private int brokenEnd = -1;

    FieldReader(NumberReader numbers, Escapes escapes) {
        this.numbers = numbers;
        this.escapes = escapes;
    }

    void startLine() {
        newlines = 0;
        brokenEnd = -1;
    }

    /** Newlines inside strings since {@link #startLine}. */
    int newlines() {
        return newlines;
    }

    /** Reads fields from {@code from} on; returns the position after the last value, or {@link LineReader#INCOMPLETE}. */
    int read(LineMeasurement measurement, byte[] buffer, int from, int limit) {
        BatchBuilder builder = measurement.builder();
        int at = from;
        for (int position = 0; ; position++) {
            ColumnSlot slot = measurement.expected(position);
            int end = OTHER;
            if (slot != null && limit - at >= slot.keyLength() + PLAIN_BYTES && slot.isAt(buffer, at)) {
                end = plainNumber(builder, slot, buffer, at + slot.keyLength());
            }
            if (end == OTHER) {
                end = field(measurement, position, buffer, at, limit);
            }
            if (end == LineReader.INCOMPLETE || buffer[end] != ',') {
                return end;
            }
            at = end + 1;
        }
    }

    /** Reads a field that is not the expected one, or not a plain number, or too near the end of the buffer to tell. */
    private int field(LineMeasurement measurement, int position, byte[] buffer, int at, int limit) {
        int value = keyEnd(buffer, at) + 1;
        ColumnSlot slot = slot(measurement, buffer, at, value);
        measurement.expect(position, slot);
        return value(measurement, slot, buffer, value, limit);
    }

    /**
     * Reads the commonest values without a branch on what they are: an integer of at most seven digits, a float of at most
     * seven before and seven behind the point, into a column of that type. Returns the position after the value, or
     * {@link #OTHER} when it is none of these, good or bad. The buffer has {@link #PLAIN_BYTES} more bytes.
     */
    private static int plainNumber(BatchBuilder builder, ColumnSlot slot, byte[] buffer, int at) {
        if (slot.index == ColumnSlot.NONE) {
            return OTHER;
        }
        if (slot.type == ColumnType.INT64) {
            long word = Words.at(buffer, at);
            int bits = Words.digitBits(word);
            if (bits == 0 || (byte) (word >>> bits) != 'i') {
                return OTHER;
            }
            builder.setLong(slot.index, Words.leadingDigits(word, bits));
            return at + (bits >>> 3) + 1;
        }
        return slot.type == ColumnType.FLOAT64 ? plainFloat(builder, slot, buffer, at) : OTHER;
    }

    private static int plainFloat(BatchBuilder builder, ColumnSlot slot, byte[] buffer, int at) {
        boolean negative = buffer[at] == '-';
        int start = negative ? at + 1 : at;
        long word = Words.at(buffer, start);
        int bits = Words.digitBits(word);
        if (bits == 0 || (byte) (word >>> bits) != '.') {
            return OTHER;
        }
        int point = start + (bits >>> 3);
        long behind = Words.at(buffer, point + 1);
        int fractionBits = Words.digitBits(behind);
        if (fractionBits == 0 || !isValueEnd((byte) (behind >>> fractionBits))) {
            return OTHER;
        }
        int fraction = fractionBits >>> 3;
        long whole = Words.leadingDigits(word, bits);
        double value = Decimals.scaled(whole, Words.leadingDigits(behind, fractionBits), fraction);
        builder.setDouble(slot.index, negative ? -value : value);
        return point + 1 + fraction;
    }

    /** The fault of text behind a value that belongs to nothing. */
    LineFault trailing(byte[] buffer, int at) {
        return new LineFault(
                LineError.Kind.SYNTAX,
                at,
                () -> "unexpected " + LineFault.word(buffer, at, buffer.length) + " behind a value",
                "a comma, a space or the end of the line",
                at == brokenEnd);
    }

    private ColumnSlot slot(LineMeasurement measurement, byte[] buffer, int at, int value) {
        ColumnSlot slot = measurement.known(buffer, at, value - 1);
        if (slot == null) {
            slot = measurement.add(buffer, at, value - 1, typeAt(buffer, value), escapes);
        }
        if (slot.type == ColumnType.TAG) {
            throw alreadyTag(slot, at);
        }
        return slot;
    }

    private static LineFault alreadyTag(ColumnSlot slot, int at) {
        return LineFault.name(at, () -> "field \"" + slot.name + "\" is already a tag", "a field of another name");
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
                throw noValue(buffer, from, at);
            }
            at++;
        }
    }

    private static LineFault noValue(byte[] buffer, int from, int to) {
        return LineFault.syntax(
                from,
                () -> to == from
                        ? "field has no name"
                        : "field " + LineFault.quoted(buffer, from, to) + " has no value",
                "field=value");
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
                    () -> "value " + LineFault.word(buffer, at, limit) + " of field \"" + slot.name + "\" is no value",
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
                () -> "field \"" + slot.name + "\" is " + slot.type.noun() + " but the value is " + type.noun(),
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
                    if (newlines > before) {
                        brokenEnd = at + 1;
                    }
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
            throw LineFault.syntax(
                    invalid, () -> "value of field \"" + slot.name + "\" is not UTF-8", "well-formed UTF-8");
        }
    }
}
