package io.weir.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Remembers tokens by id: bounded in number and in time, also those that do not exist, which only holders of removed
 * tokens ask for. What is asked at once for one id is one question. Thread-safe; never blocks.
 *
 * <pre>
 *   fresh    read from the catalog within the time to live, and since the last change: used as it is
 *   stale    asked for again; what is known of its secrets stays true while their hashes are the same
 *   unused   for ten times as long: swept
 * </pre>
 */
final class VerificationCache {

    private static final int IDLE_FACTOR = 10;

    private final Cache<String, Slot> slots;
    private final Map<String, Mono<CachedToken>> loading = new ConcurrentHashMap<>(); // bounded by tokens ever made
    private final AtomicLong generation = new AtomicLong();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder expired = new LongAdder();
    private final LongAdder evicted = new LongAdder();
    private final LongAdder invalidations = new LongAdder();
    private final LongAdder sweeps = new LongAdder();
    private final AtomicLong lastSwept = new AtomicLong();
    private final int maxSize;
    private final long ttlNanos;
    private final LongSupplier nanoTime;

    private record Slot(CachedToken token, long generation, long readNanos) {}

    VerificationCache(int maxSize, Duration ttl, LongSupplier nanoTime) {
        this.maxSize = maxSize;
        this.ttlNanos = ttl.toNanos();
        this.nanoTime = nanoTime;
        this.slots = Caffeine.newBuilder()
                .maximumSize(maxSize)
                .expireAfterAccess(ttl.multipliedBy(IDLE_FACTOR))
                .ticker(nanoTime::getAsLong)
                .executor(Runnable::run)
                .evictionListener((@Nullable String id, @Nullable Slot slot, RemovalCause cause) ->
                        (cause == RemovalCause.EXPIRED ? expired : evicted).increment())
                .build();
    }

    /** What is known of that token without asking anybody; null when nothing is, or nothing that is fresh. */
    @Nullable
    CachedToken find(String id) {
        Slot slot = slots.getIfPresent(id);
        boolean fresh = slot != null
                && slot.generation() == generation.get()
                && nanoTime.getAsLong() - slot.readNanos() < ttlNanos;
        return slot != null && fresh ? slot.token() : null;
    }

    /** What was found served a request. */
    void hit() {
        hits.increment();
    }

    /** What is known of that token, or what {@code load} says of it. */
    Mono<CachedToken> get(String id, Mono<CachedToken> load) {
        CachedToken known = find(id);
        if (known != null) {
            hits.increment();
            return Mono.just(known);
        }
        misses.increment();
        return loading.computeIfAbsent(id, absent -> loaded(id, load));
    }

    private Mono<CachedToken> loaded(String id, Mono<CachedToken> load) {
        return Mono.defer(() -> {
                    long begun = generation.get(); // a change from here on makes the answer stale
                    long now = nanoTime.getAsLong();
                    return load.doOnNext(token -> {
                        Slot before = slots.getIfPresent(id);
                        slots.put(id, new Slot(token.after(before == null ? null : before.token()), begun, now));
                    });
                })
                .doFinally(signal -> loading.remove(id))
                .cache();
    }

    /** Asks for everything again, as it may have changed; questions under way answer only those who asked before. */
    void invalidate() {
        generation.incrementAndGet();
        invalidations.increment();
        loading.clear();
    }

    /** Drops what is too old, which otherwise goes when something else comes. */
    void sweep() {
        long before = expired.sum();
        slots.cleanUp();
        sweeps.increment();
        lastSwept.set(expired.sum() - before);
    }

    /** Counts and size. */
    CacheStats stats() {
        return new CacheStats(
                slots.estimatedSize(),
                maxSize,
                hits.sum(),
                misses.sum(),
                evicted.sum(),
                expired.sum(),
                invalidations.sum(),
                sweeps.sum(),
                lastSwept.get());
    }
}
