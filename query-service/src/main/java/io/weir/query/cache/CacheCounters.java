package io.weir.query.cache;

import java.util.concurrent.atomic.LongAdder;

/** What happened to a cache since the start. Thread-safe. */
final class CacheCounters {

    private final LongAdder hits = new LongAdder();
    private final LongAdder shared = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder bypasses = new LongAdder();
    private final LongAdder sets = new LongAdder();
    private final LongAdder tooLarge = new LongAdder();
    private final LongAdder evictions = new LongAdder();
    private final LongAdder expirations = new LongAdder();
    private final LongAdder invalidations = new LongAdder();
    private final LongAdder sweeps = new LongAdder();
    private final LongAdder sharedHits = new LongAdder();
    private final LongAdder sharedMisses = new LongAdder();

    void hit() {
        hits.increment();
    }

    /** A hit, on a result that another one's run has just made. */
    void shared() {
        hits.increment();
        shared.increment();
    }

    void miss() {
        misses.increment();
    }

    void bypass() {
        bypasses.increment();
    }

    void set() {
        sets.increment();
    }

    void tooLarge() {
        tooLarge.increment();
    }

    void evicted(boolean expired) {
        (expired ? expirations : evictions).increment();
    }

    void invalidated(long count) {
        invalidations.add(count);
    }

    void swept() {
        sweeps.increment();
    }

    /** A result was looked for among those that processes share. */
    void lookedUpShared(boolean found) {
        (found ? sharedHits : sharedMisses).increment();
    }

    /** Results that were found there. */
    long sharedHits() {
        return sharedHits.sum();
    }

    /** Results that were not, or not in time. */
    long sharedMisses() {
        return sharedMisses.sum();
    }

    /** The figures now. */
    CacheStats stats(LocalResults results, QueryCacheSettings settings) {
        return new CacheStats(
                hits.sum(),
                shared.sum(),
                misses.sum(),
                bypasses.sum(),
                sets.sum(),
                tooLarge.sum(),
                evictions.sum(),
                expirations.sum(),
                invalidations.sum(),
                sweeps.sum(),
                results.size(),
                results.bytes(),
                settings.memoryBytes());
    }
}
