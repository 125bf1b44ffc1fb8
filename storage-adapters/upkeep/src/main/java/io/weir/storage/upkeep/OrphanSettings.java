package io.weir.storage.upkeep;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The removal of objects that nobody needs, {@code weir.orphans.*}.
 *
 * @param enabled whether this process does it, default true
 * @param interval time between cycles, default 1 hour
 * @param grace age below which an object is never taken for an orphan, default 1 day
 */
@ConfigurationProperties("weir.orphans")
public record OrphanSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("1h") Duration interval,
        @DefaultValue("1d") Duration grace) {

    public OrphanSettings {
        requirePositive("interval", interval);
        requirePositive("grace", grace);
    }

    private static void requirePositive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("weir.orphans." + key + " is " + value + " (expected: more than 0)");
        }
    }
}
