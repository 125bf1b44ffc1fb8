package io.weir.common.pressure;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When memory counts as short, {@code weir.pressure.*}.
 *
 * @param enabled default true; whether load is shed then
 * @param high default 0.9; part of the heap (of what is alive), of direct memory, or of the container's limit from which on
 *     memory is short
 * @param low default 0.8; part below which all of them must be for it to be so no longer
 * @param interval default 1s; between looks
 */
@ConfigurationProperties("weir.pressure")
public record PressureSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("0.9") double high,
        @DefaultValue("0.8") double low,
        @DefaultValue("1s") Duration interval) {

    public PressureSettings {
        require("high", high, high > 0 && high <= 1, "above 0, at most 1");
        require("low", low, low > 0 && low < high, "above 0, below weir.pressure.high");
        require("interval", interval, interval.toMillis() >= 10, "at least 10ms");
    }

    private static void require(String key, Object value, boolean valid, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(
                    "weir.pressure." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
