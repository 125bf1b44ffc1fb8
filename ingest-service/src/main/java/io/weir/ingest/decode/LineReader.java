package io.weir.ingest.decode;

import io.weir.common.batch.Utf8DictionaryBuilder;
import io.weir.common.schema.ColumnType;
import java.util.Objects;
import java.util.function.Supplier;
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
    private final LineTimes times;
    private @Nullable LineMeasurement current;
    /** The measurement of the book met last, by its number there. */
    private int bookNumber;

    private @Nullable LineMeasurement bookMeasurement;

    LineReader(DecodeOptions options, LineMeasurements measurements, SeriesKeys keys) {
        this.options = options;
        this.measurements = measurements;
        this.keys = keys;
        this.times = new LineTimes(options, numbers, fields);
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
        int hash = 0;
        int keyEnd;
        if (key != SeriesKeys.NONE) {
            keyEnd = start + keys.length(key);
        } else {
            keyEnd = keyEnd(buffer, start, limit);
            hash = Utf8DictionaryBuilder.hash(buffer, start, keyEnd);
            key = keys.find(buffer, start, keyEnd, hash);
        }
        int series = key == SeriesKeys.NONE ? SeriesKeys.NONE : series(key);
        boolean isNew = series == SeriesKeys.NONE;
        if (isNew) {
            int nameEnd = end(buffer, start, keyEnd, COMMAS, ',');
            current = measurements.get(buffer, start, nameEnd, escapes);
            series = tags(current, buffer, nameEnd, keyEnd);
        }
        LineMeasurement measurement = Objects.requireNonNull(current);
        int at = fields.read(measurement, buffer, LineTimes.skipSpaces(buffer, keyEnd), limit);
        if (at == INCOMPLETE) {
            return INCOMPLETE;
        }
        int end = time(measurement, series, buffer, lineStart, at, limit);
        measurements.commit();
        if (key == SeriesKeys.NONE) {
            key = keys.add(buffer, start, keyEnd, hash, measurement, series);
        }
        keys.follow(key, series);
        return end;
    }

    /** Series of a key, whose measurement becomes the current one; {@link SeriesKeys#NONE} if the key must be read. */
    private int series(int key) {
        if (!keys.isKnown(key)) {
            current = keys.measurement(key);
            return keys.series(key);
        }
        SeriesBook book = keys.book();
        int number = book.measurement(key);
        if (number != bookNumber || bookMeasurement == null) {
            byte[] name = book.name(number);
            bookMeasurement = measurements.get(name, 0, name.length, escapes);
            bookNumber = number;
        }
        current = bookMeasurement;
        int series = keys.series(key);
        return series == SeriesKeys.NONE
                ? bookMeasurement.series(book.table(number), book.series(key), escapes)
                : series;
    }

    /** Drops the row that {@link #read} left open. */
    void abort() {
        if (current != null) {
            current.abortRow();
            current = null;
        }
        measurements.rollback();
        bookMeasurement = null;
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
                        () -> "tag " + LineFault.quoted(buffer, nameStart, tagEnd) + " is not complete",
                        "a tag=value with neither side empty");
            }
            ColumnSlot slot = measurement.known(buffer, nameStart, nameEnd);
            if (slot == null) {
                slot = measurement.add(buffer, nameStart, nameEnd, ColumnType.TAG, escapes);
            }
            if (slot.type != ColumnType.TAG) {
                throw LineFault.name(nameStart, tag(slot, "is already a field"), "a tag of another name");
            }
            int tag = measurement.tagIndex(slot);
            if (table.isStaged(tag)) {
                throw LineFault.name(nameStart, tag(slot, "stands twice in the line"), "each tag once");
            }
            int invalid = Utf8.firstInvalid(buffer, nameEnd + 1, tagEnd);
            if (invalid >= 0) {
                throw LineFault.syntax(invalid, tag(slot, "has a value that is not UTF-8"), "well-formed UTF-8");
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

    private static Supplier<String> tag(ColumnSlot slot, String what) {
        return () -> "tag \"" + slot.name + "\" " + what;
    }

    /** Reads the rest of the line behind its fields and ends the row. */
    private int time(LineMeasurement measurement, int series, byte[] buffer, int lineStart, int from, int limit) {
        int end = times.read(buffer, from, limit);
        if (end - lineStart > options.limits().maxLineBytes()) {
            throw tooLong(lineStart, options.limits());
        }
        measurement.endRow(series, times.micros(), times.nanos());
        return end;
    }

    static LineFault tooLong(int position, DecodeLimits limits) {
        return new LineFault(
                LineError.Kind.LIMIT,
                position,
                () -> "line is too long",
                "at most " + limits.maxLineBytes() + " bytes",
                true);
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
