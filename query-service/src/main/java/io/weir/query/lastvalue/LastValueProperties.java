package io.weir.query.lastvalue;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How the newest rows of each series are kept for queries; {@code weir.last-values.*}.
 *
 * @param enabled default true; whether they are kept, and statements that ask for nothing else read only them
 * @param memory default 64MB; heap they may hold, all measurements together
 * @param idle default 1h; a measurement not asked for so long is forgotten when it is flushed
 * @param rebuildSize default 4GB; a measurement whose files are larger is left out, since all of them must be read once
 */
@ConfigurationProperties("weir.last-values")
public record LastValueProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("64MB") DataSize memory,
        @DefaultValue("1h") Duration idle,
        @DefaultValue("4GB") DataSize rebuildSize) {

    public LastValueProperties {
        require("memory", memory, memory.toBytes() > 0);
        require("idle", idle, !idle.isNegative() && !idle.isZero());
        require("rebuild-size", rebuildSize, rebuildSize.toBytes() > 0);
    }

    private static void require(String key, @Nullable Object value, boolean valid) {
        if (!valid) {
            throw new IllegalArgumentException("weir.last-values." + key + " is " + value + " (expected: more than 0)");
        }
    }
}
