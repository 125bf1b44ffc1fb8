package io.weir.query.cache;

import io.weir.common.cache.SharedCache;
import io.weir.common.signal.Signal;
import io.weir.common.signal.Signals;
import java.time.Duration;
import reactor.core.publisher.Mono;

/**
 * Results of this process, and behind them those that processes share. What is not here is looked for there and kept here;
 * what is made here is put there as well. A shared cache that is slow or away makes no difference but that. Thread-safe.
 */
final class SharedResults implements ResultStore {

    /** Where processes tell each other what to forget. */
    static final String CHANNEL = "results";

    private final LocalResults local;
    private final SharedCache shared;
    private final Signals signals;
    private final CacheCounters counters;
    private final Duration ttl;

    SharedResults(LocalResults local, SharedCache shared, Signals signals, CacheCounters counters, Duration ttl) {
        this.local = local;
        this.shared = shared;
        this.signals = signals;
        this.counters = counters;
        this.ttl = ttl;
    }

    @Override
    public Mono<CachedResult> find(CacheKey key) {
        return local.find(key).switchIfEmpty(Mono.defer(() -> findShared(key)));
    }

    private Mono<CachedResult> findShared(CacheKey key) {
        SharedKey name = SharedKey.of(key);
        return shared.find(name.key(), name.namespaces())
                .mapNotNull(ResultBytes::read)
                .flatMap(result -> local.keep(key, result).thenReturn(result))
                .doOnSuccess(result -> counters.lookedUpShared(result != null));
    }

    @Override
    public Mono<Void> keep(CacheKey key, CachedResult result) {
        Mono<Void> sharing = Mono.defer(() -> {
            SharedKey name = SharedKey.of(key);
            return shared.keep(name.key(), name.namespaces(), () -> ResultBytes.write(result), ttl);
        });
        return local.keep(key, result).then(ResultBytes.size(result) <= shared.mostBytes() ? sharing : Mono.empty());
    }

    @Override
    public Mono<Long> remove(Selection selection) {
        return shared.forget(SharedKey.namespace(selection))
                .then(local.remove(selection))
                .doOnNext(count -> {
                    signals.publish(CHANNEL, SelectionBytes.write(selection));
                });
    }

    /** Forgets here what others have forgotten. Never ends by itself. */
    Mono<Void> follow() {
        return signals.listen(CHANNEL)
                .ofType(Signal.Message.class)
                .mapNotNull(message -> SelectionBytes.read(message.bytes()))
                .concatMap(local::remove, 1)
                .then();
    }
}
