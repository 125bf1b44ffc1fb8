package io.weir.storage.resilience;

/**
 * All protections of one store.
 *
 * @param mostCalls calls of one class under way at once; more are refused as {@code object-store-busy}. 0: no limit
 * @param memoryBytes buffers of transfers at once; reads and puts of streams beyond that are refused as {@code
 *     object-store-busy}
 */
public record ResilienceSettings(
        TimeLimits time, RetryLimits retry, BreakerLimits breaker, int mostCalls, long memoryBytes) {

    private static final int HEAP_SHARE = 8;

    /** As above, with an eighth of the heap for buffers. */
    public ResilienceSettings(TimeLimits time, RetryLimits retry, BreakerLimits breaker, int mostCalls) {
        this(time, retry, breaker, mostCalls, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    /** The defaults of each, 256 calls at once, and an eighth of the heap for buffers. */
    public static ResilienceSettings defaults() {
        return new ResilienceSettings(TimeLimits.defaults(), RetryLimits.defaults(), BreakerLimits.defaults(), 256);
    }

    /** These, with that much memory for buffers. */
    public ResilienceSettings withMemory(long bytes) {
        return new ResilienceSettings(time, retry, breaker, mostCalls, bytes);
    }
}
