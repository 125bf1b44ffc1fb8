package io.weir.common.model;

/**
 * A range of times, both ends in it; empty when it ends before it begins.
 *
 * @param fromMicros earliest time, UTC microseconds
 * @param toMicros latest time, inclusive
 */
public record TimeRange(long fromMicros, long toMicros) {

    /** Every time there is. */
    public static final TimeRange ALL = new TimeRange(Long.MIN_VALUE, Long.MAX_VALUE);

    /** Whether no time is in it. */
    public boolean isEmpty() {
        return fromMicros > toMicros;
    }

    /** Whether some time of a file, say, from {@code minMicros} to {@code maxMicros}, both inclusive, may be in it. */
    public boolean overlaps(long minMicros, long maxMicros) {
        return !isEmpty() && minMicros <= toMicros && maxMicros >= fromMicros;
    }

    /** The times that are in both. */
    public TimeRange and(TimeRange other) {
        return new TimeRange(Math.max(fromMicros, other.fromMicros), Math.min(toMicros, other.toMicros));
    }
}
