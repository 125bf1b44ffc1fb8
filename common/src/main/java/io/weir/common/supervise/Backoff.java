package io.weir.common.supervise;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/** How long to wait: the interval, or after failures one second, doubled each time up to a minute; some of it by chance. */
final class Backoff {

    private static final long FIRST_MILLIS = 1_000;
    /** Longest pause. */
    static final Duration MOST = Duration.ofMinutes(1);

    private static final int MOST_DOUBLINGS = 6;

    private final DoubleSupplier chance;

    /** @param chance gives numbers from 0 to below 1 */
    Backoff(DoubleSupplier chance) {
        this.chance = chance;
    }

    /** Between half of the time and all of it, so that what failed together is not tried again together. */
    Duration afterFailures(int inARow) {
        long millis = Math.min(MOST.toMillis(), FIRST_MILLIS << Math.min(MOST_DOUBLINGS, inARow - 1));
        return Duration.ofMillis(millis - (long) (millis / 2.0 * chance.getAsDouble()));
    }

    /** The interval, or up to a tenth less. */
    Duration afterSuccess(Duration interval) {
        return interval.minusNanos((long) (interval.toNanos() / 10.0 * chance.getAsDouble()));
    }
}
