package io.weir.common.observe;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What bounds metrics, {@code weir.metrics.*}.
 *
 * @param maxSeriesPerName default 1000; series of one metric, beyond which new ones count as {@code other}
 * @param maxSeries default 10000; series of all metrics together
 * @param warnAfter default 3; collections in a row with errors after which the log and health tell of them
 * @param history what is remembered in the process
 */
@ConfigurationProperties("weir.metrics")
public record MetricsSettings(
        @DefaultValue("1000") int maxSeriesPerName,
        @DefaultValue("10000") int maxSeries,
        @DefaultValue("3") int warnAfter,
        @DefaultValue History history) {

    public MetricsSettings {
        require("max-series-per-name", maxSeriesPerName, maxSeriesPerName >= 1, "1 or more");
        require("max-series", maxSeries, maxSeries >= 1, "1 or more");
        require("warn-after", warnAfter, warnAfter >= 1, "1 or more");
    }

    /**
     * Samples of the past.
     *
     * @param enabled default true; whether any are kept
     * @param interval default 15s; between samples
     * @param age default 24h; of the oldest
     * @param memory default 16MB; of all of them; when it is used up, the oldest go first
     */
    public record History(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("15s") Duration interval,
            @DefaultValue("24h") Duration age,
            @DefaultValue("16MB") DataSize memory) {

        public History {
            require("history.interval", interval, interval.toMillis() >= 100, "at least 100ms");
            require("history.age", age, age.compareTo(interval) > 0, "more than weir.metrics.history.interval");
            require("history.memory", memory, memory.toKilobytes() >= 64, "at least 64KB");
        }
    }

    private static void require(String key, Object value, boolean valid, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(
                    "weir.metrics." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
