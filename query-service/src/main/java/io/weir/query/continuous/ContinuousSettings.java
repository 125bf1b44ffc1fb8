package io.weir.query.continuous;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How continuous queries are run; {@code weir.continuous-queries.*}.
 *
 * @param enabled whether this process runs queries by itself; it does when it is asked to in any case. Default true
 * @param interval time between looks at which queries are due, default 1 second
 * @param parallelism queries that run at once, default 2
 * @param windows windows that one run of a query computes; then others get their turn. Default 32
 * @param timeout longest time the engine works for one window, default 5 minutes
 * @param maxRows most rows of one window, default 1,000,000
 * @param maxMemory most heap that the rows of one window take, default 64 MB
 * @param lease how long a server that dies keeps others from running its queries, default 1 minute
 * @param history runs of a query that are remembered, default 100
 */
@ConfigurationProperties("weir.continuous-queries")
public record ContinuousSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("1s") Duration interval,
        @DefaultValue("2") int parallelism,
        @DefaultValue("32") int windows,
        @DefaultValue("5m") Duration timeout,
        @DefaultValue("1000000") int maxRows,
        @DefaultValue("64MB") DataSize maxMemory,
        @DefaultValue("1m") Duration lease,
        @DefaultValue("100") int history) {

    private static final int MOST_AT_ONCE = 64;
    private static final int MOST_WINDOWS = 10_000;
    private static final int MOST_HISTORY = 1000;
    private static final int LEAST_LEASE_MILLIS = 300;

    public ContinuousSettings {
        require(isPositive(interval), "interval", interval, "more than 0");
        require(parallelism >= 1 && parallelism <= MOST_AT_ONCE, "parallelism", parallelism, "1 to " + MOST_AT_ONCE);
        require(windows >= 1 && windows <= MOST_WINDOWS, "windows", windows, "1 to " + MOST_WINDOWS);
        require(isPositive(timeout), "timeout", timeout, "more than 0");
        require(maxRows >= 1, "max-rows", maxRows, "1 or more");
        require(maxMemory.toBytes() >= 1, "max-memory", maxMemory, "more than 0");
        require(lease.toMillis() >= LEAST_LEASE_MILLIS, "lease", lease, "300 ms or more");
        require(history >= 1 && history <= MOST_HISTORY, "history", history, "1 to " + MOST_HISTORY);
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void require(boolean condition, String key, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(
                    "weir.continuous-queries." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
