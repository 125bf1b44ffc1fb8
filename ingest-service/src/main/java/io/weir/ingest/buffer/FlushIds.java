package io.weir.ingest.buffer;

import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** Makes flush ids: 12 hexadecimal digits of milliseconds since 1970, then 16 of chance. They sort by age. */
final class FlushIds {

    private final Clock clock;

    FlushIds(Clock clock) {
        this.clock = clock;
    }

    String next() {
        return String.format(
                Locale.ROOT,
                "%012x%016x",
                clock.millis(),
                ThreadLocalRandom.current().nextLong());
    }
}
