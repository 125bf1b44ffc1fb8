package io.weir.query.result;

import java.time.Duration;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntervalMonthDayNanoVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/** Writers of dates, times, timestamps and intervals. */
final class TemporalColumns {

    private static final long NANOS_A_SECOND = 1_000_000_000L;

    private TemporalColumns() {}

    /** The writer of a temporal vector, or null for any other. */
    static @Nullable TextColumn of(FieldVector vector) {
        TemporalText text = new TemporalText();
        if (vector instanceof TimeStampVector stamps) {
            ArrowType.Timestamp type = (ArrowType.Timestamp) vector.getField().getType();
            long unitsASecond = unitsASecond(type.getUnit());
            return (out, row) -> timestamp(out, text, stamps.get(row), unitsASecond);
        }
        if (vector instanceof DateDayVector days) {
            return (out, row) -> date(out, text, days.get(row));
        }
        if (vector instanceof TimeMicroVector times) {
            return (out, row) -> text.timeOfDay(out, times.get(row) * 1_000);
        }
        if (vector instanceof TimeNanoVector times) {
            return (out, row) -> text.timeOfDay(out, times.get(row));
        }
        if (vector instanceof IntervalMonthDayNanoVector intervals) {
            return (out, row) -> out.string(interval(
                    IntervalMonthDayNanoVector.getMonths(intervals.getDataBuffer(), row),
                    IntervalMonthDayNanoVector.getDays(intervals.getDataBuffer(), row),
                    IntervalMonthDayNanoVector.getNanoseconds(intervals.getDataBuffer(), row)));
        }
        return null;
    }

    /** Units in a second: what a stamp of that unit counts. */
    static long unitsASecond(TimeUnit unit) {
        return switch (unit) {
            case SECOND -> 1;
            case MILLISECOND -> 1_000;
            case MICROSECOND -> 1_000_000;
            case NANOSECOND -> NANOS_A_SECOND;
        };
    }

    /** Whether a stamp is one of the engine's own two instants outside of time. */
    static boolean isInfinite(long value) {
        return value == Long.MAX_VALUE || value == -Long.MAX_VALUE;
    }

    /** A stamp of that unit, as a string. */
    static void timestamp(TextBytes out, TemporalText text, long value, long unitsASecond) {
        if (isInfinite(value)) {
            out.string(value > 0 ? "infinity" : "-infinity");
            return;
        }
        long seconds = Math.floorDiv(value, unitsASecond);
        text.instant(out, seconds, (int) (Math.floorMod(value, unitsASecond) * (NANOS_A_SECOND / unitsASecond)));
    }

    private static void date(TextBytes out, TemporalText text, int epochDay) {
        if (epochDay == Integer.MAX_VALUE || epochDay == -Integer.MAX_VALUE) {
            out.string(epochDay > 0 ? "infinity" : "-infinity");
            return;
        }
        text.date(out, epochDay);
    }

    /** ISO 8601: {@code P1M2DT3.5S}; {@code PT0S} when all is zero. */
    private static String interval(int months, int days, long nanos) {
        StringBuilder text = new StringBuilder("P");
        if (months != 0) {
            text.append(months).append('M');
        }
        if (days != 0) {
            text.append(days).append('D');
        }
        if (nanos != 0 || text.length() == 1) {
            text.append(Duration.ofNanos(nanos).toString().substring(1));
        }
        return text.toString();
    }
}
