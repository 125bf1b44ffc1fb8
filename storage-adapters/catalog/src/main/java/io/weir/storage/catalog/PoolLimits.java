package io.weir.storage.catalog;

import java.time.Duration;

/**
 * Limits of the catalog's pool of connections, and of each connection.
 *
 * @param connections most connections at once, at least 1
 * @param pending most operations that wait for one; more fail at once
 * @param connectTimeout longest time to make one
 * @param acquireTimeout longest wait for one
 * @param statementTimeout longest time a statement, or the end of a transaction, may take
 * @param idleTime after which an unused one is closed
 * @param lifeTime after which one is not used again
 */
public record PoolLimits(
        int connections,
        int pending,
        Duration connectTimeout,
        Duration acquireTimeout,
        Duration statementTimeout,
        Duration idleTime,
        Duration lifeTime) {

    /** The defaults, with that many connections. */
    public static PoolLimits of(int connections) {
        return new PoolLimits(
                connections,
                1_000,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(15),
                Duration.ofMinutes(10),
                Duration.ofMinutes(30));
    }
}
