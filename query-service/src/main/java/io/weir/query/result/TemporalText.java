package io.weir.query.result;

import java.time.LocalDate;

/**
 * Writes dates, times and instants as RFC 3339 and ISO 8601 text. Remembers the last day, because neighbouring rows are
 * mostly of one day. Not thread-safe.
 */
final class TemporalText {

    private static final long SECONDS_A_DAY = 86_400;

    private long day = Long.MIN_VALUE;
    private String dayText = "";

    /** An instant: {@code "2026-01-01T00:00:00.5Z"} with as many digits in threes as it needs. */
    void instant(TextBytes out, long seconds, int nanos) {
        long epochDay = Math.floorDiv(seconds, SECONDS_A_DAY);
        out.raw('"');
        day(out, epochDay);
        out.raw('T');
        time(out, (int) (seconds - epochDay * SECONDS_A_DAY), nanos);
        out.raw('Z');
        out.raw('"');
    }

    /** A date: {@code "2026-01-01"}. */
    void date(TextBytes out, long epochDay) {
        out.raw('"');
        day(out, epochDay);
        out.raw('"');
    }

    /** A time of day: {@code "12:00:00.5"}. */
    void timeOfDay(TextBytes out, long nanosOfDay) {
        out.raw('"');
        time(out, (int) (nanosOfDay / 1_000_000_000), (int) (nanosOfDay % 1_000_000_000));
        out.raw('"');
    }

    private void day(TextBytes out, long epochDay) {
        if (epochDay != day) {
            dayText = LocalDate.ofEpochDay(epochDay).toString();
            day = epochDay;
        }
        out.raw(dayText);
    }

    private static void time(TextBytes out, int secondOfDay, int nanos) {
        out.padded(secondOfDay / 3600, 2);
        out.raw(':');
        out.padded(secondOfDay / 60 % 60, 2);
        out.raw(':');
        out.padded(secondOfDay % 60, 2);
        if (nanos != 0) {
            out.raw('.');
            if (nanos % 1_000_000 == 0) {
                out.padded(nanos / 1_000_000, 3);
            } else if (nanos % 1_000 == 0) {
                out.padded(nanos / 1_000, 6);
            } else {
                out.padded(nanos, 9);
            }
        }
    }
}
