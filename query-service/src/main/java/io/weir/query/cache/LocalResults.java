package io.weir.query.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Results in this process's heap: bounded by what they weigh, by number, by number for each organisation, and by age. Of one
 * question there is one result, the latest. Thread-safe.
 */
final class LocalResults implements ResultStore {

    private final Cache<CacheKey, CachedResult> results;
    private final Map<String, OrganisationShelf> shelves = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong size = new AtomicLong();
    private final QueryCacheSettings settings;
    private final CacheCounters counters;

    LocalResults(QueryCacheSettings settings, CacheCounters counters, Ticker ticker) {
        this.settings = settings;
        this.counters = counters;
        this.results = Caffeine.newBuilder()
                .maximumWeight(settings.memoryBytes())
                .weigher(LocalResults::weight)
                .expireAfterWrite(settings.ttl())
                .ticker(ticker)
                .executor(Runnable::run) // what is to be done is done by who causes it, and is little
                .removalListener(this::removed)
                .build();
    }

    private static int weight(CacheKey key, CachedResult result) {
        return Math.toIntExact(key.sizeBytes() + result.sizeBytes());
    }

    private void removed(@Nullable CacheKey key, @Nullable CachedResult result, RemovalCause cause) {
        if (key == null || result == null) {
            return;
        }
        bytes.addAndGet(-weight(key, result));
        size.decrementAndGet();
        if (cause == RemovalCause.REPLACED) {
            return;
        }
        if (cause.wasEvicted()) {
            counters.evicted(cause == RemovalCause.EXPIRED);
        }
        shelves.computeIfPresent(key.subject().organisation(), (organisation, shelf) -> {
            shelf.remove(key);
            return shelf.size() == 0 ? null : shelf;
        });
    }

    @Override
    public Mono<CachedResult> find(CacheKey key) {
        return Mono.fromSupplier(() -> {
            CachedResult result = results.getIfPresent(key);
            if (result != null) {
                shelves.computeIfPresent(key.subject().organisation(), (organisation, shelf) -> {
                    shelf.used(key);
                    return shelf;
                });
            }
            return result;
        });
    }

    @Override
    public Mono<Void> keep(CacheKey key, CachedResult result) {
        return Mono.fromRunnable(() -> {
            OrganisationShelf.Leaving[] leaving = new OrganisationShelf.Leaving[1];
            // On the shelf before it is in the cache, from where it may be gone at once.
            shelves.compute(key.subject().organisation(), (organisation, known) -> {
                OrganisationShelf shelf =
                        known == null ? new OrganisationShelf(settings.entriesPerOrganisation()) : known;
                leaving[0] = shelf.put(key);
                return shelf;
            });
            bytes.addAndGet(weight(key, result));
            size.incrementAndGet();
            counters.set();
            results.put(key, result);
            CacheKey superseded = leaving[0].superseded();
            if (superseded != null && results.asMap().remove(superseded) != null) {
                counters.invalidated(1);
            }
            leaving[0].evicted().forEach(this::evict);
            if (size.get() > settings.entries()) {
                evictColdest();
            }
        });
    }

    private void evict(CacheKey key) {
        if (results.asMap().remove(key) != null) {
            counters.evicted(false);
        }
    }

    private void evictColdest() {
        int surplus = Math.toIntExact(size.get() - settings.entries());
        List<CacheKey> coldest = results.policy()
                .eviction()
                .map(eviction -> List.copyOf(eviction.coldest(surplus).keySet()))
                .orElseThrow();
        coldest.forEach(this::evict);
    }

    @Override
    public Mono<Long> remove(Selection selection) {
        return Mono.fromSupplier(() -> {
            long removed = results.asMap().entrySet().stream()
                    .filter(entry -> selection.selects(entry.getKey(), entry.getValue()))
                    .filter(entry -> results.asMap().remove(entry.getKey(), entry.getValue()))
                    .count();
            counters.invalidated(removed);
            return removed;
        });
    }

    /** From now on uses that part of its memory; the coldest results go at once. */
    void shrink(int part) {
        results.policy().eviction().ifPresent(eviction -> eviction.setMaximum(settings.memoryBytes() / part));
        results.cleanUp();
    }

    /** Lets go of what is too old or too much, which otherwise waits for somebody to use the cache. */
    void sweep() {
        results.cleanUp();
        counters.swept();
    }

    /** Results that are kept. */
    long size() {
        return size.get();
    }

    /** What they weigh. */
    long bytes() {
        return bytes.get();
    }

    /** Results of that organisation that are kept. */
    int size(String organisation) {
        int[] found = new int[1];
        shelves.computeIfPresent(organisation, (name, shelf) -> {
            found[0] = shelf.size();
            return shelf;
        });
        return found[0];
    }

    /** Organisations that have results here. */
    int organisations() {
        return shelves.size();
    }
}
