package io.weir.ingest.decode;

/**
 * Reads the time of a CSV row: an integer in the precision asked for, or RFC 3339 ({@code 2024-02-29T12:00:00.5Z}, with
 * {@code T}, {@code t} or a space, up to nine digits of fraction, {@code Z} or {@code ±hh:mm}; without a zone it is UTC).
 * Allocates nothing.
 */
final class CsvTime {

    private static final long NANOS = 1_000_000_000L;
    private static final String EXPECTED = "an integer, or RFC 3339 such as 2024-02-29T12:00:00Z";

    private final Precision precision;
    private final NumberReader numbers;

    CsvTime(Precision precision, NumberReader numbers) {
        this.precision = precision;
        this.numbers = numbers;
    }

    /** Nanoseconds since 1970 of {@code buffer[from, to)}; the buffer goes on behind it. @throws LineFault when it is no time */
    long read(byte[] buffer, int from, int to) {
        if (from == to) {
            throw LineFault.syntax(from, "time is missing", EXPECTED);
        }
        if (to - from >= 19 && buffer[from + 4] == '-') {
            return calendar(buffer, from, to);
        }
        if (numbers.timestamp(buffer, from) != to) {
            throw fault(buffer, from, to);
        }
        long value = numbers.integer();
        if (!precision.holds(value)) {
            throw outOfRange(buffer, from, to);
        }
        return precision.toNanos(value);
    }

    private static long calendar(byte[] buffer, int from, int to) {
        int year = digits(buffer, from, 4, from, to);
        int month = digits(buffer, from + 5, 2, from, to);
        int day = digits(buffer, from + 8, 2, from, to);
        int hour = digits(buffer, from + 11, 2, from, to);
        int minute = digits(buffer, from + 14, 2, from, to);
        int second = digits(buffer, from + 17, 2, from, to);
        boolean separators = buffer[from + 7] == '-'
                && ((buffer[from + 10] | 0x20) == 't' || buffer[from + 10] == ' ')
                && buffer[from + 13] == ':'
                && buffer[from + 16] == ':';
        if (!separators
                || month < 1
                || month > 12
                || day < 1
                || day > daysOf(year, month)
                || hour > 23
                || minute > 59
                || second > 59) {
            throw fault(buffer, from, to);
        }
        int at = from + 19;
        long fraction = 0;
        if (at < to && buffer[at] == '.') {
            long unit = NANOS;
            int first = ++at;
            while (at < to && buffer[at] >= '0' && buffer[at] <= '9' && unit > 1) {
                unit /= 10;
                fraction += (buffer[at++] - '0') * unit;
            }
            if (at == first) {
                throw fault(buffer, from, to);
            }
        }
        long seconds = daysSince1970(year, month, day) * 86_400
                + hour * 3_600L
                + minute * 60L
                + second
                - offset(buffer, at, from, to);
        if (!Precision.SECOND.holds(seconds) || !Precision.SECOND.holds(seconds + 1)) {
            throw outOfRange(buffer, from, to);
        }
        return seconds * NANOS + fraction;
    }

    /** Seconds that the zone at {@code at} is ahead of UTC. */
    private static long offset(byte[] buffer, int at, int from, int to) {
        if (at == to || (at + 1 == to && (buffer[at] | 0x20) == 'z')) {
            return 0;
        }
        if (to - at != 6 || (buffer[at] != '+' && buffer[at] != '-') || buffer[at + 3] != ':') {
            throw fault(buffer, from, to);
        }
        int hours = digits(buffer, at + 1, 2, from, to);
        int minutes = digits(buffer, at + 4, 2, from, to);
        if (hours > 23 || minutes > 59) {
            throw fault(buffer, from, to);
        }
        long seconds = hours * 3_600L + minutes * 60L;
        return buffer[at] == '-' ? -seconds : seconds;
    }

    private static int digits(byte[] buffer, int at, int count, int from, int to) {
        int value = 0;
        for (int i = at; i < at + count; i++) {
            if (buffer[i] < '0' || buffer[i] > '9') {
                throw fault(buffer, from, to);
            }
            value = value * 10 + buffer[i] - '0';
        }
        return value;
    }

    private static int daysOf(int year, int month) {
        return switch (month) {
            case 2 -> (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
            case 4, 6, 9, 11 -> 30;
            default -> 31;
        };
    }

    /** Days of the Gregorian calendar, counted from March so that the leap day is the last of its year. */
    private static long daysSince1970(int year, int month, int day) {
        long marchYear = month > 2 ? year : year - 1L;
        long marchMonth = month > 2 ? month - 3 : month + 9;
        return 365 * marchYear
                + marchYear / 4
                - marchYear / 100
                + marchYear / 400
                + (153 * marchMonth + 2) / 5
                + day
                - 719_469;
    }

    private static LineFault fault(byte[] buffer, int from, int to) {
        return LineFault.syntax(from, "time " + LineFault.quoted(buffer, from, to) + " is not a time", EXPECTED);
    }

    private static LineFault outOfRange(byte[] buffer, int from, int to) {
        return LineFault.range(
                from, "time " + LineFault.quoted(buffer, from, to) + " is out of range", "the years 1677 to 2262");
    }
}
