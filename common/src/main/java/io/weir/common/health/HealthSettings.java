package io.weir.common.health;

import java.time.Duration;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What health means, {@code weir.health.*}.
 *
 * @param interval default 5s; between checks of each part
 * @param required default wal, disk, catalog, credentials; checks without which the server is not ready
 * @param failures default 3; failures of a required check in a row beyond which the server is not ready
 * @param minFree default 256MB; free space of the data directory below which the disk counts as full
 * @param stuckAfter default 60s; time after which an event loop that is stuck makes the server not alive; 0 for never
 */
@ConfigurationProperties("weir.health")
public record HealthSettings(
        @DefaultValue("5s") Duration interval,

        @DefaultValue({"wal", "disk", "catalog", "credentials"})
        Set<String> required,

        @DefaultValue("3") int failures,
        @DefaultValue("256MB") DataSize minFree,
        @DefaultValue("60s") Duration stuckAfter) {

    public HealthSettings {
        require("interval", interval, interval.toMillis() >= 10, "at least 10ms");
        require("failures", failures, failures >= 0, "0 or more");
        require("min-free", minFree, !minFree.isNegative(), "0 or more");
        require("stuck-after", stuckAfter, !stuckAfter.isNegative(), "0 or more");
        required = Set.copyOf(required);
    }

    private static void require(String key, Object value, boolean valid, String expected) {
        if (!valid) {
            throw new IllegalArgumentException("weir.health." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
