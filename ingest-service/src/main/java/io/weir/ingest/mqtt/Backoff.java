package io.weir.ingest.mqtt;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * Pauses between attempts: the first is {@code min}, each further one twice as long up to {@code max}, and of each only a
 * random part between half and all, so that many clients do not come back at once.
 */
final class Backoff {

    private static final int MAX_DOUBLINGS = 30;

    private final Duration min;
    private final Duration max;
    private final DoubleSupplier random;

    Backoff(Duration min, Duration max) {
        this(min, max, () -> ThreadLocalRandom.current().nextDouble());
    }

    /** @param random numbers from 0 to 1 */
    Backoff(Duration min, Duration max, DoubleSupplier random) {
        this.min = min;
        this.max = max;
        this.random = random;
    }

    /** The pause after {@code failures} failures in a row, counted from 0. */
    Duration after(long failures) {
        double factor = 1L << Math.min(failures, MAX_DOUBLINGS);
        double nanos = Math.min((double) max.toNanos(), min.toNanos() * factor);
        return Duration.ofNanos((long) (nanos * (0.5 + random.getAsDouble() / 2)));
    }
}
