package io.weir.ingest.flush;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How many parts are flushed at once and how a failure is met.
 *
 * @param parts most parts in flight
 * @param bytes most heap of the parts in flight; a larger one is flushed alone
 * @param timeout longest one attempt may take, from its own start
 * @param firstBackoff pause after the first failure of a part; doubles with each further one
 * @param maxBackoff longest pause
 */
public record FlushLimits(int parts, long bytes, Duration timeout, Duration firstBackoff, Duration maxBackoff) {

    private static final int MAX_DOUBLINGS = 30;

    public FlushLimits {
        if (parts < 1 || bytes < 1) {
            throw new IllegalArgumentException(
                    "flushes of " + parts + " parts and " + bytes + " bytes at once (expected: at least 1 of each)");
        }
    }

    /** The pause after that many failures in a row, with up to a quarter of chance either way. */
    Duration backoff(int failures) {
        long nanos = firstBackoff.toNanos();
        for (int i = 1; i < Math.min(failures, MAX_DOUBLINGS) && nanos < maxBackoff.toNanos(); i++) {
            nanos *= 2;
        }
        long capped = Math.min(nanos, maxBackoff.toNanos());
        return Duration.ofNanos((long) (capped * ThreadLocalRandom.current().nextDouble(0.75, 1.25)));
    }
}
