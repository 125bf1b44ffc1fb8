package io.weir.storage.catalog;

import java.time.Clock;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes row ids: milliseconds since 1970 in the upper bits, chance in the lower 20, and always more than the one before,
 * so that one process never makes an id twice however many it asks for. A clash with another process fails on the primary
 * key. Thread-safe.
 */
final class RowIds {

    private static final int RANDOM_BITS = 20;

    private final Clock clock;
    private final AtomicLong last = new AtomicLong();

    RowIds(Clock clock) {
        this.clock = clock;
    }

    long next() {
        long fresh = clock.millis() << RANDOM_BITS | ThreadLocalRandom.current().nextInt(1 << RANDOM_BITS);
        return last.updateAndGet(before -> Math.max(before + 1, fresh));
    }
}
