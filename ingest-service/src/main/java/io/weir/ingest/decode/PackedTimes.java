package io.weir.ingest.decode;

import org.jspecify.annotations.Nullable;

/**
 * The unit of the integer timestamps of one column: the request's precision, or the magnitude that all of them share.
 * Zero and timestamp extensions say nothing of it.
 */
final class PackedTimes {

    private final Precision requested;
    private final long receiveTimeNanos;
    private @Nullable Precision unit;

    PackedTimes(DecodeOptions options) {
        this.requested = options.precision();
        this.receiveTimeNanos = requested.truncate(options.receiveTimeNanos());
    }

    /** Whether values need not be looked at to know their unit. */
    boolean knowsUnit() {
        return requested != Precision.AUTO;
    }

    /** Begins another column. */
    void reset() {
        unit = null;
    }

    /** Takes note of the time at the cursor and moves behind it; fails when it is none, or of another magnitude. */
    void see(MessagePackCursor cursor) {
        int start = cursor.position();
        switch (cursor.type()) {
            case NIL -> cursor.skip();
            case EXTENSION -> cursor.readTimestamp();
            case INTEGER -> {
                long value = cursor.readInteger();
                if (cursor.isHuge()) {
                    throw new MessagePackFault(start, "timestamp is beyond 2^63");
                }
                if (requested == Precision.AUTO && value != 0) {
                    see(Precision.of(value), start);
                }
            }
            default ->
                throw new MessagePackFault(
                        start, "timestamp is " + cursor.type().noun() + " (expected: integer or timestamp extension)");
        }
    }

    /** The time at the cursor in nanoseconds since 1970; moves behind it. Every time was seen before. */
    long read(MessagePackCursor cursor) {
        int start = cursor.position();
        switch (cursor.type()) {
            case NIL -> {
                cursor.skip();
                return receiveTimeNanos;
            }
            case EXTENSION -> {
                long seconds = cursor.readTimestamp();
                if (!Precision.SECOND.holds(seconds) || !Precision.SECOND.holds(seconds + 1)) {
                    throw outOfRange(start, seconds + " s");
                }
                return seconds * 1_000_000_000L + cursor.nanos();
            }
            default -> {
                long value = cursor.readInteger();
                Precision precision = requested != Precision.AUTO ? requested : unit == null ? Precision.SECOND : unit;
                if (!precision.holds(value)) {
                    throw outOfRange(start, value + " " + precision.noun());
                }
                return precision.toNanos(value);
            }
        }
    }

    /** The time of a row that has none. */
    long missing() {
        return receiveTimeNanos;
    }

    private void see(Precision guess, int offset) {
        if (unit == null) {
            unit = guess;
        } else if (unit != guess) {
            throw new MessagePackFault(
                    offset,
                    "timestamps of different magnitudes, " + unit.noun() + " and " + guess.noun()
                            + " (expected: one unit, or the precision parameter)");
        }
    }

    private static MessagePackFault outOfRange(int offset, String value) {
        return new MessagePackFault(offset, "timestamp " + value + " is not between the years 1677 and 2262");
    }
}
