package io.weir.ingest.mqtt;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Checks of settings under {@code weir.mqtt}; what fails names its key. */
final class Requirements {

    private Requirements() {}

    static void require(boolean condition, String key, @Nullable Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException("weir.mqtt." + key + " is " + value + " (expected: " + expected + ")");
        }
    }

    static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }
}
