package io.weir.storage.parquet.reading;

/** What plain integers in a time column mean. */
public interface IntegerTimes {

    /** Whether that time can be said in 64-bit nanoseconds. */
    boolean holds(long time);

    /** Nanoseconds since 1970 of a time that {@link #holds}. */
    long toNanos(long time);
}
