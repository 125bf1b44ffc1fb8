package io.weir.storage.catalog;

import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

/** Reads columns that are never null, and numbers whatever width the database gives them. */
final class Rows {

    private Rows() {}

    static Object required(Readable row, int index) {
        Object value = row.get(index);
        if (value == null) {
            throw new IllegalStateException("column " + index + " is null");
        }
        return value;
    }

    static long number(Readable row, int index) {
        return ((Number) required(row, index)).longValue();
    }

    /** A file, from a row that begins with its key, earliest and latest time, rows and bytes. */
    static DataFile file(Readable row) {
        return fileAt(row, 0);
    }

    /** A file, from the columns of a row from {@code at} on. */
    static DataFile fileAt(Readable row, int at) {
        return new DataFile(
                text(row, at), number(row, at + 1), number(row, at + 2), number(row, at + 3), number(row, at + 4));
    }

    static String text(Readable row, int index) {
        return (String) required(row, index);
    }

    /** A length of time kept as {@link #micros}. */
    static Duration duration(Readable row, int index) {
        return Duration.of(number(row, index), ChronoUnit.MICROS);
    }

    /** Microseconds of a length of time. */
    static long micros(Duration time) {
        return TimeUnit.SECONDS.toMicros(time.getSeconds()) + time.getNano() / 1000;
    }
}
