package io.weir.ingest.rewrite;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How files with deleted rows are rewritten; {@code weir.delete.rewrite.*}.
 *
 * @param enabled whether this process rewrites, default true
 * @param interval time between looks at what is to be rewritten, default 5 s
 * @param lease how long a server that dies keeps others from rewriting, default 2 minutes
 * @param memory heap for row groups of the file that is rewritten, default 128 MB
 * @param engineMemory memory of the engine that finds the rows, which is there from the first rewriting on, default 256 MB
 * @param timeout longest time to find the rows of one file, default 30 minutes
 * @param history how long deletes that are over are remembered, default 7 days
 */
@ConfigurationProperties("weir.delete.rewrite")
public record RewriteSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("5s") Duration interval,
        @DefaultValue("2m") Duration lease,
        @DefaultValue("128MB") DataSize memory,
        @DefaultValue("256MB") DataSize engineMemory,
        @DefaultValue("30m") Duration timeout,
        @DefaultValue("7d") Duration history) {

    private static final int LEAST_LEASE_MILLIS = 300;
    private static final long LEAST_ENGINE_BYTES = 64L << 20;

    public RewriteSettings {
        require(isPositive(interval), "interval", interval, "more than 0");
        require(lease.toMillis() >= LEAST_LEASE_MILLIS, "lease", lease, "300 ms or more");
        require(memory.toBytes() > 0, "memory", memory, "more than 0");
        require(engineMemory.toBytes() >= LEAST_ENGINE_BYTES, "engine-memory", engineMemory, "64 MB or more");
        require(isPositive(timeout), "timeout", timeout, "more than 0");
        require(isPositive(history), "history", history, "more than 0");
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void require(boolean condition, String key, @Nullable Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(
                    "weir.delete.rewrite." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
