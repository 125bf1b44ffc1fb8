package io.weir.query.result;

import java.time.LocalDate;

/**
 * Writes dates, times and instants as RFC 3339 and ISO 8601 text. Remembers the last day, because neighbouring rows are
 * mostly of one day. Not thread-safe.
 */
final class TemporalText {

    private static final long SECONDS_A_DAY = 86_400;

    private static final int WIDEST = 20; // "T", a time of day, ".", nine digits

    /** Second of the epoch at which the remembered day begins; no day begins at this one. */
    private long dayStart = 1;

    private byte[] dayText = new byte[0];

    /** An instant: {@code "2026-01-01T00:00:00.5Z"} with as many digits in threes as it needs. */
    void instant(TextBytes out, long seconds, int nanos) {
        out.raw('"');
        int secondOfDay = day(out, seconds);
        out.raw('T');
        time(out, secondOfDay, nanos);
        out.raw('Z');
        out.raw('"');
    }

    /** A date: {@code "2026-01-01"}. */
    void date(TextBytes out, long epochDay) {
        out.raw('"');
        day(out, epochDay * SECONDS_A_DAY);
        out.raw('"');
    }

    /** A time of day: {@code "12:00:00.5"}. */
    void timeOfDay(TextBytes out, long nanosOfDay) {
        out.raw('"');
        time(out, (int) (nanosOfDay / 1_000_000_000), (int) (nanosOfDay % 1_000_000_000));
        out.raw('"');
    }

    /** Writes the day of a second of the epoch. Gives the second of that day. */
    private int day(TextBytes out, long second) {
        long sinceStart = second - dayStart;
        if (dayStart == 1 || sinceStart < 0 || sinceStart >= SECONDS_A_DAY) {
            long epochDay = Math.floorDiv(second, SECONDS_A_DAY);
            dayStart = epochDay * SECONDS_A_DAY;
            dayText = OutputBytes.ascii(LocalDate.ofEpochDay(epochDay).toString());
            sinceStart = second - dayStart;
        }
        out.raw(dayText);
        return (int) sinceStart;
    }

    private static void time(TextBytes out, int secondOfDay, int nanos) {
        out.ensure(WIDEST);
        byte[] bytes = out.bytes;
        int minutes = secondOfDay / 60;
        int hours = minutes / 60;
        int at = NumberText.two(bytes, out.size, hours);
        bytes[at] = ':';
        at = NumberText.two(bytes, at + 1, minutes - hours * 60);
        bytes[at] = ':';
        at = NumberText.two(bytes, at + 1, secondOfDay - minutes * 60);
        out.size = nanos == 0 ? at : fraction(bytes, at, nanos);
    }

    private static int fraction(byte[] bytes, int from, int nanos) {
        bytes[from] = '.';
        int micros = nanos / 1_000;
        int millis = micros / 1_000;
        int at = NumberText.three(bytes, from + 1, millis);
        int microsRest = micros - millis * 1_000;
        int nanosRest = nanos - micros * 1_000;
        if (microsRest == 0 && nanosRest == 0) {
            return at;
        }
        at = NumberText.three(bytes, at, microsRest);
        return nanosRest == 0 ? at : NumberText.three(bytes, at, nanosRest);
    }
}
