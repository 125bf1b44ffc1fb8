package io.weir.storage.resilience;

import java.time.Duration;

/**
 * When a store counts as failing, so that its users are told at once instead of waiting.
 *
 * @param enabled whether it ever does
 * @param window calls that are looked at, the latest ones
 * @param leastCalls fewer calls tell nothing
 * @param failurePercent of them that failed: the breaker opens
 * @param slowPercent of them that were slow: the breaker opens
 * @param slowAfter a call is slow that takes longer, besides what its bytes need
 * @param openFor time without a call; then a few are let through
 * @param trials how many
 */
public record BreakerLimits(
        boolean enabled,
        int window,
        int leastCalls,
        int failurePercent,
        int slowPercent,
        Duration slowAfter,
        Duration openFor,
        int trials) {

    /** Half of the latest 50 calls, of at least 10, failed, or 80 % took more than 10 s; closed to calls for 10 s, then 3 trials. */
    public static BreakerLimits defaults() {
        return new BreakerLimits(true, 50, 10, 50, 80, Duration.ofSeconds(10), Duration.ofSeconds(10), 3);
    }
}
