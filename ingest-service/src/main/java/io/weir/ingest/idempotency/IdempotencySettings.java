package io.weir.ingest.idempotency;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How writes that carry an {@code Idempotency-Key} are remembered; {@code weir.ingest.idempotency-*}.
 *
 * @param idempotencyTtl how long a key is remembered after its write; default 10 min
 * @param idempotencyMemory heap for remembered keys, some 300 bytes each; beyond it keys are looked up in the catalog once
 *     their rows are in files. Default 32 MB
 * @param idempotencyWait longest a request waits for an earlier one with the same key; then it is answered 503. Default
 *     30 s
 */
@ConfigurationProperties("weir.ingest")
public record IdempotencySettings(
        @DefaultValue("10m") Duration idempotencyTtl,
        @DefaultValue("32MB") DataSize idempotencyMemory,
        @DefaultValue("30s") Duration idempotencyWait) {

    /** Checks that everything is more than nothing. */
    public IdempotencySettings {
        require(idempotencyTtl.toMillis() > 0, "idempotency-ttl", idempotencyTtl);
        require(idempotencyMemory.toBytes() > 0, "idempotency-memory", idempotencyMemory);
        require(idempotencyWait.toMillis() > 0, "idempotency-wait", idempotencyWait);
    }

    /** The defaults. */
    public static IdempotencySettings defaults() {
        return new IdempotencySettings(Duration.ofMinutes(10), DataSize.ofMegabytes(32), Duration.ofSeconds(30));
    }

    /** Keys that fit into {@link #idempotencyMemory}. */
    public int capacity() {
        return RememberedKeys.capacity(idempotencyMemory.toBytes());
    }

    private static void require(boolean condition, String key, Object value) {
        if (!condition) {
            throw new IllegalArgumentException("weir.ingest." + key + " is " + value + " (expected: more than 0)");
        }
    }
}
