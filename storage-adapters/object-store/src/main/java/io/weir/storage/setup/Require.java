package io.weir.storage.setup;

import java.time.Duration;

/** Checks settings, in one sentence that names the key. */
final class Require {

    private static final int ALL = 100;

    private Require() {}

    static void that(boolean condition, String key, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(
                    "weir.storage." + key + " is " + value + " (expected: " + expected + ")");
        }
    }

    static void positive(String key, Duration value) {
        that(!value.isNegative() && !value.isZero(), key, value, "more than 0");
    }

    static void percent(String key, int value) {
        that(value > 0 && value <= ALL, key, value, "1 to 100");
    }

    static void given(String key, String value, String why) {
        that(!value.isBlank(), key, "not set", why);
    }
}
