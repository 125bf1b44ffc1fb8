package io.weir.storage.resilience;

import java.time.Duration;

/**
 * How long calls may take. Whoever sends bytes gets the time they need at {@code slowestBytesPerSecond} on top.
 *
 * @param enabled whether there are limits at all, besides those of the connection
 * @param attempt most for one attempt; of a stream that is read, the longest silence while something is asked for
 * @param total all attempts and the pauses between them; streams that are read have the reader's time
 * @param slowestBytesPerSecond rate below which a transfer has failed
 * @param adaptive whether an attempt gets less than {@code attempt} when calls of its class are answered much faster
 * @param floor the least it gets then
 */
public record TimeLimits(
        boolean enabled,
        Duration attempt,
        Duration total,
        long slowestBytesPerSecond,
        boolean adaptive,
        Duration floor) {

    /** Limits that do not depend on what was observed. */
    public TimeLimits(boolean enabled, Duration attempt, Duration total, long slowestBytesPerSecond) {
        this(enabled, attempt, total, slowestBytesPerSecond, false, attempt);
    }

    /** 30 s an attempt, less but no less than 5 s where answers come fast, 5 minutes in total, and what the bytes need at 1 MB/s. */
    public static TimeLimits defaults() {
        return new TimeLimits(
                true, Duration.ofSeconds(30), Duration.ofMinutes(5), 1 << 20, true, Duration.ofSeconds(5));
    }

    Duration total(long bytes) {
        return total.plus(timeFor(bytes));
    }

    /** What that many bytes take at the slowest rate. */
    Duration timeFor(long bytes) {
        return Duration.ofMillis((long) (bytes * 1_000.0 / slowestBytesPerSecond));
    }
}
