package io.weir.storage.object;

import java.time.Duration;

/**
 * How many connections a remote store may have, and for how long.
 *
 * @param most open connections
 * @param pending calls that may wait for one; more fail as {@code object-store-busy}
 * @param acquireTimeout longest a call waits for one
 * @param connectTimeout longest a connection takes to be made
 * @param silence longest without a byte in either direction while an answer is awaited or a body sent
 * @param idleTime after which an unused connection is closed
 * @param lifeTime after which a connection is not used again
 */
public record ConnectionLimits(
        int most,
        int pending,
        Duration acquireTimeout,
        Duration connectTimeout,
        Duration silence,
        Duration idleTime,
        Duration lifeTime) {

    /** 500 connections, 1,000 calls waiting up to 10 s, 5 s to connect, 30 s of silence, idle for a minute, 10 minutes of life. */
    public static ConnectionLimits defaults() {
        return new ConnectionLimits(
                500,
                1_000,
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10));
    }
}
