package io.weir.query.continuous;

import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** The times of the rows of a result, from a column of timestamps or dates. */
final class WindowTime {

    private static final long NANOS_A_MICRO = 1000;

    private final String name;
    private final String type;
    private final FieldVector vector;

    private WindowTime(String name, String type, FieldVector vector) {
        this.name = name;
        this.type = type;
        this.vector = vector;
    }

    /** @throws io.weir.common.error.WeirException {@code window-column} when it holds no times */
    static WindowTime of(String name, String type, FieldVector vector) {
        if (!(vector instanceof TimeStampVector) && !(vector instanceof DateDayVector)) {
            throw WindowCells.refused(name, type, "it is " + type + ", which is no time");
        }
        return new WindowTime(name, type, vector);
    }

    /** The row's UTC microseconds. */
    long micros(int row) {
        if (vector.isNull(row)) {
            throw WindowCells.refused(name, type, "a row has no time");
        }
        if (vector instanceof DateDayVector days) {
            return TimeUnit.DAYS.toMicros(days.get(row));
        }
        long value = ((TimeStampVector) vector).get(row);
        return switch (unit()) {
            case SECOND -> TimeUnit.SECONDS.toMicros(value);
            case MILLISECOND -> TimeUnit.MILLISECONDS.toMicros(value);
            case MICROSECOND -> value;
            case NANOSECOND -> Math.floorDiv(value, NANOS_A_MICRO);
        };
    }

    /** The row's nanoseconds beyond them. */
    int nanos(int row) {
        return vector instanceof TimeStampVector stamps && unit() == org.apache.arrow.vector.types.TimeUnit.NANOSECOND
                ? (int) Math.floorMod(stamps.get(row), NANOS_A_MICRO)
                : 0;
    }

    private org.apache.arrow.vector.types.TimeUnit unit() {
        return ((ArrowType.Timestamp) vector.getField().getType()).getUnit();
    }
}
