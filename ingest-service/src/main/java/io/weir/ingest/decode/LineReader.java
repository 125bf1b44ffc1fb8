package io.weir.ingest.decode;

import io.weir.common.schema.ColumnType;
import org.jspecify.annotations.Nullable;

/**
 * Reads one line into the batch of its measurement. The buffer ends with a newline, so a scan for the end of a token
 * needs no other limit; only inside a quoted string does a newline not count, and only there can a line be incomplete.
 */
final class LineReader {

    /** The line ends inside a quoted string that the buffer does not close. */
    static final int INCOMPLETE = -1;

    private static final long SPACES = Words.repeat(' ');
    private static final long COMMAS = Words.repeat(',');
    private static final long EQUALS = Words.repeat('=');
    private static final long NEWLINES = Words.repeat('\n');

    private final DecodeOptions options;
    private final LineMeasurements measurements;
    private final SeriesKeys keys;
    private final Escapes escapes = new Escapes();
    private final NumberReader numbers = new NumberReader();
    private final FieldReader fields = new FieldReader(numbers, escapes);
    private final long defaultTimeNanos;
    private @Nullable LineMeasurement current;

    LineReader(DecodeOptions options, LineMeasurements measurements, SeriesKeys keys) {
        this.options = options;
        this.measurements = measurements;
        this.keys = keys;
        this.defaultTimeNanos = options.precision().truncate(options.receiveTimeNanos());
    }

    /** Newlines inside the strings of the line read last. */
    int newlines() {
        return fields.newlines();
    }

    /** The measurement of the row accepted last. */
    @Nullable
    LineMeasurement current() {
        return current;
    }

    /**
     * Reads the line at {@code start}, its first byte neither blank nor {@code #}.
     *
     * @param lineStart where the line began, blanks included; what its length is counted from
     * @param limit end of the buffer; the byte before it is a newline
     * @return position after the line's newline, or {@link #INCOMPLETE}; the row is then still open
     * @throws LineFault when the line is bad; the row is then still open
     */
    int read(byte[] buffer, int lineStart, int start, int limit) {
        fields.startLine();
        current = null;
        int key = keys.predicted(buffer, start, limit);
        int keyEnd;
        LineMeasurement measurement;
        int series;
        if (key != SeriesKeys.NONE) {
            keyEnd = start + keys.length(key);
        } else {
            keyEnd = keyEnd(buffer, start, limit);
            key = keys.find(buffer, start, keyEnd);
        }
        if (key != SeriesKeys.NONE) {
            measurement = keys.measurement(key);
            series = keys.series(key);
            current = measurement;
        } else {
            int nameEnd = end(buffer, start, keyEnd, COMMAS, ',');
            measurement = measurements.get(buffer, start, nameEnd, escapes);
            current = measurement;
            series = tags(measurement, buffer, nameEnd, keyEnd);
        }
        int at = fields.read(measurement, buffer, skipSpaces(buffer, keyEnd), limit);
        if (at == INCOMPLETE) {
            return INCOMPLETE;
        }
        int end = time(measurement, series, buffer, lineStart, at);
        if (key == SeriesKeys.NONE) {
            key = keys.add(buffer, start, keyEnd, measurement, series);
            measurements.commit();
        }
        keys.follow(key);
        return end;
    }

    /** Drops the row that {@link #read} left open. */
    void abort() {
        if (current != null) {
            current.abortRow();
            current = null;
        }
        measurements.rollback();
    }

    /** Position of the space that ends the series key. */
    private static int keyEnd(byte[] buffer, int start, int limit) {
        int at = start;
        while (true) {
            at = firstOf(buffer, at, limit, SPACES, NEWLINES, ' ', '\n');
            if (buffer[at] == '\n') {
                throw LineFault.syntax(
                        at, "line has no field", "measurement[,tag=value] field=value[,field=value] [timestamp]");
            }
            if (at == start || buffer[at - 1] != '\\') {
                return at;
            }
            at++;
        }
    }

    private int tags(LineMeasurement measurement, byte[] buffer, int from, int keyEnd) {
        var table = measurement.builder().series();
        int at = from;
        while (at < keyEnd) {
            int nameStart = at + 1;
            int tagEnd = end(buffer, nameStart, keyEnd, COMMAS, ',');
            int nameEnd = end(buffer, nameStart, tagEnd, EQUALS, '=');
            if (nameEnd == nameStart || nameEnd == tagEnd || nameEnd + 1 == tagEnd) {
                throw LineFault.syntax(
                        nameStart,
                        "tag " + LineFault.quoted(buffer, nameStart, tagEnd) + " is not complete",
                        "a tag=value with neither side empty");
            }
            ColumnSlot slot = measurement.known(buffer, nameStart, nameEnd);
            if (slot == null) {
                slot = measurement.add(buffer, nameStart, nameEnd, ColumnType.TAG, escapes);
            }
            if (slot.type != ColumnType.TAG) {
                throw LineFault.name(
                        nameStart, "tag \"" + slot.name + "\" is already a field", "a tag of another name");
            }
            int tag = measurement.tagIndex(slot);
            if (table.isStaged(tag)) {
                throw LineFault.name(nameStart, "tag \"" + slot.name + "\" stands twice in the line", "each tag once");
            }
            int invalid = Utf8.firstInvalid(buffer, nameEnd + 1, tagEnd);
            if (invalid >= 0) {
                throw LineFault.syntax(invalid, "value of tag \"" + slot.name + "\" is not UTF-8", "well-formed UTF-8");
            }
            int code;
            if (Escapes.present(buffer, nameEnd + 1, tagEnd)) {
                escapes.key(buffer, nameEnd + 1, tagEnd);
                code = table.code(tag, escapes.text(), 0, escapes.length());
            } else {
                code = table.code(tag, buffer, nameEnd + 1, tagEnd);
            }
            table.stage(tag, code);
            at = tagEnd;
        }
        return table.intern();
    }

    /** Reads the rest of the line behind its fields and ends the row. */
    private int time(LineMeasurement measurement, int series, byte[] buffer, int lineStart, int from) {
        int at = skipSpaces(buffer, from);
        long nanos = defaultTimeNanos;
        int end = lineEnd(buffer, at);
        if (end < 0) {
            if (at == from) {
                throw fields.trailing(buffer, at);
            }
            int timeEnd = numbers.timestamp(buffer, at);
            end = timeEnd == at ? -1 : lineEnd(buffer, skipSpaces(buffer, timeEnd));
            if (end < 0) {
                throw LineFault.syntax(
                        at,
                        "timestamp " + LineFault.word(buffer, at, buffer.length),
                        "integer " + options.precision().noun() + " and the end of the line");
            }
            long timestamp = numbers.integer();
            if (!options.precision().holds(timestamp)) {
                throw LineFault.range(
                        at,
                        "timestamp \"" + timestamp + "\" is out of range",
                        "integer " + options.precision().noun() + " between the years 1677 and 2262");
            }
            nanos = options.precision().toNanos(timestamp);
        }
        if (end - lineStart > options.limits().maxLineBytes()) {
            throw tooLong(lineStart, options.limits());
        }
        long micros = Math.floorDiv(nanos, 1_000L);
        measurement.endRow(series, micros, (int) (nanos - micros * 1_000));
        return end;
    }

    static LineFault tooLong(int position, DecodeLimits limits) {
        return new LineFault(
                LineError.Kind.LIMIT,
                position,
                "line is too long",
                "at most " + limits.maxLineBytes() + " bytes",
                true);
    }

    /** Position after the newline when only a line end is left at {@code at}, else -1. */
    private static int lineEnd(byte[] buffer, int from) {
        int at = from;
        while (buffer[at] == '\t' || buffer[at] == '\r' || buffer[at] == ' ') {
            at++;
        }
        return buffer[at] == '\n' ? at + 1 : -1;
    }

    private static int skipSpaces(byte[] buffer, int from) {
        int at = from;
        while (buffer[at] == ' ') {
            at++;
        }
        return at;
    }

    /** Position of the first unescaped {@code wanted} in {@code buffer[from, to)}, or {@code to}. */
    private static int end(byte[] buffer, int from, int to, long repeated, char wanted) {
        int at = from;
        while (at < to) {
            at = firstOf(buffer, at, to, repeated, repeated, wanted, wanted);
            if (at < to && at > from && buffer[at - 1] == '\\') {
                at++;
            } else {
                return at;
            }
        }
        return to;
    }

    /** Position of the first {@code a} or {@code b} in {@code buffer[from, to)}, or {@code to}. */
    static int firstOf(byte[] buffer, int from, int to, long repeatedA, long repeatedB, char a, char b) {
        int at = from;
        for (; at + 8 <= to; at += 8) {
            long word = Words.at(buffer, at);
            long marks = Words.matches(word, repeatedA) | Words.matches(word, repeatedB);
            if (marks != 0) {
                return at + Words.first(marks);
            }
        }
        while (at < to && buffer[at] != a && buffer[at] != b) {
            at++;
        }
        return at;
    }
}
