package io.weir.ingest.retention;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How retention policies are run; {@code weir.retention.*}.
 *
 * @param enabled whether this process runs policies by itself; it does when it is asked to in any case. Default true
 * @param interval time between looks at which policies are due, default 10 seconds
 * @param lease how long a server that dies keeps others from running policies, default 1 minute
 * @param history runs of a policy that are remembered, default 100
 * @param rewriteShare which part of a file's times must be too old before a policy that rewrites boundary files has the file
 *     rewritten by itself; above 0, up to 1, default 0.25
 */
@ConfigurationProperties("weir.retention")
public record RetentionSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("10s") Duration interval,
        @DefaultValue("1m") Duration lease,
        @DefaultValue("100") int history,
        @DefaultValue("0.25") double rewriteShare) {

    private static final int LEAST_LEASE_MILLIS = 300;
    private static final int MOST_HISTORY = 1000;

    public RetentionSettings {
        require(!interval.isNegative() && !interval.isZero(), "interval", interval, "more than 0");
        require(lease.toMillis() >= LEAST_LEASE_MILLIS, "lease", lease, "300 ms or more");
        require(history >= 1 && history <= MOST_HISTORY, "history", history, "1 to " + MOST_HISTORY);
        require(rewriteShare > 0 && rewriteShare <= 1, "rewrite-share", rewriteShare, "above 0, up to 1");
    }

    private static void require(boolean condition, String key, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(
                    "weir.retention." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
