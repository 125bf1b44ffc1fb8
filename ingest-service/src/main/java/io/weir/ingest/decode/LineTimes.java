package io.weir.ingest.decode;

/**
 * Reads what stands behind the fields of a line: nothing or a timestamp, and the newline. Rows that come together often
 * carry one time, so its text is compared with that of the line before, and only a different one is understood.
 */
final class LineTimes {

    private static final int NONE = -1;

    private final Precision precision;
    private final NumberReader numbers;
    private final FieldReader fields;
    private final long receiveNanos;
    /** Text of the time read last, from the end of the fields up to and with the newline: how long, and its words. */
    private int length;

    private long first;
    private long second;
    private long last;
    private long micros;
    private int nanos;

    LineTimes(DecodeOptions options, NumberReader numbers, FieldReader fields) {
        this.precision = options.precision();
        this.numbers = numbers;
        this.fields = fields;
        this.receiveNanos = precision.truncate(options.receiveTimeNanos());
    }

    /** Microseconds since 1970 of the line read last. */
    long micros() {
        return micros;
    }

    /** The 0–999 nanoseconds beyond {@link #micros}. */
    int nanos() {
        return nanos;
    }

    /**
     * Reads the rest of a line whose fields end at {@code from}; returns the position after its newline.
     *
     * @throws LineFault when that is no timestamp, or one out of range, or something else
     */
    int read(byte[] buffer, int from, int limit) {
        if (length != 0 && length <= limit - from && isSame(buffer, from)) {
            return from + length;
        }
        int at = skipSpaces(buffer, from);
        int end = lineEnd(buffer, at);
        if (end == NONE) {
            end = timestamp(buffer, from, at);
            remember(buffer, from, end);
        } else {
            set(receiveNanos);
            length = 0;
        }
        return end;
    }

    private int timestamp(byte[] buffer, int from, int at) {
        if (at == from) {
            throw fields.trailing(buffer, at);
        }
        int timeEnd = numbers.timestamp(buffer, at);
        int end = timeEnd == at ? NONE : lineEnd(buffer, timeEnd);
        if (end == NONE) {
            throw LineFault.syntax(
                    at,
                    () -> "timestamp " + LineFault.word(buffer, at, buffer.length),
                    "integer " + precision.noun() + " and the end of the line");
        }
        long timestamp = numbers.integer();
        if (!precision.holds(timestamp)) {
            throw LineFault.range(
                    at,
                    () -> "timestamp \"" + timestamp + "\" is out of range",
                    "integer " + precision.noun() + " between the years 1677 and 2262");
        }
        set(precision.toNanos(timestamp));
        return end;
    }

    private void set(long epochNanos) {
        micros = Math.floorDiv(epochNanos, 1_000L);
        nanos = (int) (epochNanos - micros * 1_000);
    }

    /** Keeps the text if three words cover it. */
    private void remember(byte[] buffer, int from, int end) {
        int size = end - from;
        if (size < 2 * Long.BYTES || size > 3 * Long.BYTES) {
            length = 0;
            return;
        }
        length = size;
        first = Words.at(buffer, from);
        second = Words.at(buffer, from + Long.BYTES);
        last = Words.at(buffer, end - Long.BYTES);
    }

    private boolean isSame(byte[] buffer, int from) {
        return Words.at(buffer, from + length - Long.BYTES) == last
                && Words.at(buffer, from + Long.BYTES) == second
                && Words.at(buffer, from) == first;
    }

    /** Position after the newline when only a line end is left at {@code at}, else {@link #NONE}. */
    private static int lineEnd(byte[] buffer, int from) {
        int at = from;
        while (buffer[at] == '\t' || buffer[at] == '\r' || buffer[at] == ' ') {
            at++;
        }
        return buffer[at] == '\n' ? at + 1 : NONE;
    }

    static int skipSpaces(byte[] buffer, int from) {
        int at = from;
        while (buffer[at] == ' ') {
            at++;
        }
        return at;
    }
}
