package io.weir.ingest.decode.json;

import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.LineFault;
import io.weir.ingest.decode.Precision;

/**
 * Reads the time of a row: an integer of the request's precision, or a date and time of RFC 3339 (section 5.6). Null says
 * that the row has none.
 */
final class JsonTimes {

    private static final String RFC_3339 = "a string as in RFC 3339, such as \"2026-11-20T08:15:30.123456789Z\"";
    private static final long DAY_SECONDS = 86_400;
    private static final long SECOND = 1_000_000_000L;

    private final Precision precision;
    private final long receiveTimeNanos;
    private final JsonStrings strings;
    private final JsonNumbers numbers;
    private final JsonSyntax syntax;
    private long rowNanos;
    private byte[] text = {};
    private int start;
    private int to;
    private long seconds;

    JsonTimes(DecodeOptions options, JsonStrings strings, JsonNumbers numbers, JsonSyntax syntax) {
        this.precision = options.precision();
        this.receiveTimeNanos = precision.truncate(options.receiveTimeNanos());
        this.strings = strings;
        this.numbers = numbers;
        this.syntax = syntax;
    }

    /** Before a row: its time is that of the request until {@link #read}. */
    void startRow() {
        rowNanos = receiveTimeNanos;
    }

    /** Time of the row in nanoseconds since 1970. */
    long nanos() {
        return rowNanos;
    }

    /** Reads the time at {@code at}; returns the position after it. */
    int read(byte[] buffer, int at, int limit) {
        byte first = buffer[at];
        if (first == '"') {
            int end = strings.read(buffer, at + 1, limit);
            rowNanos = nanos(strings, at);
            return end;
        } else if (first == '-' || (first >= '0' && first <= '9')) {
            int end = numbers.read(buffer, at);
            rowNanos = nanos(numbers, at);
            return end;
        } else if (first == 'n') {
            return syntax.literal(buffer, at, limit, "null");
        }
        throw LineFault.syntax(
                at, "time is neither a number nor a string", "integer " + precision.noun() + ", or " + RFC_3339);
    }

    private long nanos(JsonNumbers number, int position) {
        if (!number.isInteger()) {
            throw LineFault.syntax(
                    position,
                    "time " + number.quoted() + " is no integer",
                    "integer " + precision.noun() + ", or " + RFC_3339);
        }
        long timestamp = number.signed();
        if (!precision.holds(timestamp)) {
            throw LineFault.range(
                    position,
                    "time " + number.quoted() + " is out of range",
                    "integer " + precision.noun() + " between the years 1677 and 2262");
        }
        return precision.toNanos(timestamp);
    }

    private long nanos(JsonStrings string, int position) {
        text = string.text();
        start = string.from();
        to = string.to();
        long nanos = parse();
        if (nanos < 0) {
            throw LineFault.syntax(position, "time " + LineFault.quoted(text, start, to) + " is no time", RFC_3339);
        }
        // Towards zero, so that the product of the seconds fits whenever the sum does.
        boolean before = seconds < 0 && nanos > 0;
        long whole = before ? seconds + 1 : seconds;
        long rest = before ? nanos - SECOND : nanos;
        boolean fits = Precision.SECOND.holds(whole)
                && (whole < Long.MAX_VALUE / SECOND || rest <= Long.MAX_VALUE % SECOND)
                && (whole > Long.MIN_VALUE / SECOND || rest >= Long.MIN_VALUE % SECOND);
        if (!fits) {
            throw LineFault.range(
                    position,
                    "time " + LineFault.quoted(text, start, to) + " is out of range",
                    "the years 1677 to 2262");
        }
        return whole * SECOND + rest;
    }

    /** Sets {@link #seconds} and returns the nanoseconds beyond, or -1 when the text is no time. */
    private long parse() {
        int year = number(start, 4);
        int month = number(start + 5, 2);
        int day = number(start + 8, 2);
        int hour = number(start + 11, 2);
        int minute = number(start + 14, 2);
        int second = number(start + 17, 2);
        boolean shaped = is(start + 4, '-')
                && is(start + 7, '-')
                && (is(start + 10, 'T') || is(start + 10, 't') || is(start + 10, ' '))
                && is(start + 13, ':')
                && is(start + 16, ':');
        boolean valid = year >= 0
                && month >= 1
                && month <= 12
                && day >= 1
                && day <= daysOf(year, month)
                && hour >= 0
                && hour <= 23
                && minute >= 0
                && minute <= 59
                && second >= 0
                && second <= 59;
        if (!shaped || !valid) {
            return -1;
        }
        int at = start + 19;
        long nanos = 0;
        if (is(at, '.')) {
            int first = ++at;
            for (; at < to && text[at] >= '0' && text[at] <= '9'; at++) {
                nanos = nanos * 10 + text[at] - '0';
                if (at - first == 9) {
                    return -1;
                }
            }
            if (at == first) {
                return -1;
            }
            for (int digits = at - first; digits < 9; digits++) {
                nanos *= 10;
            }
        }
        int offset = offsetSeconds(at);
        seconds = daysSince1970(year, month, day) * DAY_SECONDS + hour * 3_600L + minute * 60L + second - offset;
        return offset == Integer.MIN_VALUE ? -1 : nanos;
    }

    /** Seconds east of UTC that the rest of the text says, or {@link Integer#MIN_VALUE} when it says none. */
    private int offsetSeconds(int at) {
        if ((is(at, 'Z') || is(at, 'z')) && at + 1 == to) {
            return 0;
        }
        int hours = number(at + 1, 2);
        int minutes = number(at + 4, 2);
        boolean valid = (is(at, '+') || is(at, '-'))
                && is(at + 3, ':')
                && at + 6 == to
                && hours >= 0
                && hours <= 23
                && minutes >= 0
                && minutes <= 59;
        int seconds = hours * 3_600 + minutes * 60;
        return !valid ? Integer.MIN_VALUE : is(at, '-') ? -seconds : seconds;
    }

    private boolean is(int at, char wanted) {
        return at < to && text[at] == wanted;
    }

    /** The number of {@code count} digits at {@code at}, or -1. */
    private int number(int at, int count) {
        if (at + count > to) {
            return -1;
        }
        int value = 0;
        for (int i = at; i < at + count; i++) {
            if (text[i] < '0' || text[i] > '9') {
                return -1;
            }
            value = value * 10 + text[i] - '0';
        }
        return value;
    }

    private static int daysOf(int year, int month) {
        if (month == 2) {
            return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
        }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    /** Days of the proleptic Gregorian calendar; years begin in March, so that the leap day is the last of one. */
    private static long daysSince1970(int year, int month, int day) {
        long marchYear = month > 2 ? year : year - 1L;
        long era = Math.floorDiv(marchYear, 400L);
        long yearOfEra = marchYear - era * 400;
        long dayOfYear = (153L * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097 + dayOfEra - 719_468;
    }
}
