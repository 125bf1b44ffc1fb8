package io.weir.storage.catalog;

import java.time.Clock;
import java.util.concurrent.ThreadLocalRandom;

/** Makes row ids: milliseconds since 1970 in the upper bits, chance in the lower 20. A clash fails on the primary key. */
final class RowIds {

    private static final int RANDOM_BITS = 20;

    private final Clock clock;

    RowIds(Clock clock) {
        this.clock = clock;
    }

    long next() {
        return clock.millis() << RANDOM_BITS | ThreadLocalRandom.current().nextInt(1 << RANDOM_BITS);
    }
}
