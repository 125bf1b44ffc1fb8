package io.weir.storage.resilience;

/**
 * All protections of one store.
 *
 * @param mostCalls calls of one class under way at once; more are refused as {@code object-store-busy}. 0: no limit
 */
public record ResilienceSettings(TimeLimits time, RetryLimits retry, BreakerLimits breaker, int mostCalls) {

    /** The defaults of each, and 256 calls at once. */
    public static ResilienceSettings defaults() {
        return new ResilienceSettings(TimeLimits.defaults(), RetryLimits.defaults(), BreakerLimits.defaults(), 256);
    }
}
