package io.weir.storage.upkeep;

import io.weir.common.error.WeirException;
import io.weir.storage.object.NotRemoved;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A store that fails as it is told. */
public final class FaultyStore implements ObjectStore {

    private final ObjectStore store;
    private volatile long listedBeforeFailure = Long.MAX_VALUE;
    private volatile Mono<Void> listingsWaitFor = Mono.empty();
    private volatile Set<String> stuck = Set.of();
    private volatile boolean forgetsRemovals;
    private volatile int removals;

    FaultyStore(ObjectStore store) {
        this.store = store;
    }

    static WeirException failure() {
        return new WeirException(ObjectStoreError.OBJECT_STORE_FAILED, "injected");
    }

    /** Listings fail after that many objects. */
    public void failListingsAfter(long objects) {
        listedBeforeFailure = objects;
    }

    /** Listings begin when that completes. */
    void listAfter(Mono<Void> signal) {
        listingsWaitFor = signal;
    }

    /** Those objects cannot be removed. */
    void stick(String... keys) {
        stuck = Set.of(keys);
    }

    /** Objects are removed, and the answers lost. */
    void forgetRemovals(boolean forgets) {
        forgetsRemovals = forgets;
    }

    /** Keys that were asked to be removed. */
    int removals() {
        return removals;
    }

    @Override
    public Mono<ObjectInfo> put(String key, Path file) {
        return store.put(key, file);
    }

    @Override
    public Mono<ObjectInfo> put(String key, Publisher<ByteBuffer> content) {
        return store.put(key, content);
    }

    @Override
    public Mono<ObjectInfo> head(String key) {
        return store.head(key);
    }

    @Override
    public Flux<ByteBuffer> read(String key, long offset, long length) {
        return store.read(key, offset, length);
    }

    @Override
    public Flux<ObjectInfo> list(String prefix, String after) {
        Flux<ObjectInfo> all = listingsWaitFor.thenMany(store.list(prefix, after));
        return listedBeforeFailure == Long.MAX_VALUE
                ? all
                : all.take(listedBeforeFailure).concatWith(Flux.error(failure()));
    }

    @Override
    public Mono<Void> remove(String key) {
        return removeAll(Set.of(key)).next().flatMap(left -> Mono.error(left.cause()));
    }

    @Override
    public Flux<NotRemoved> removeAll(Collection<String> keys) {
        removals += keys.size();
        Set<String> removable = new HashSet<>(keys);
        removable.removeAll(stuck);
        Flux<NotRemoved> left = Flux.fromIterable(keys)
                .filter(key -> forgetsRemovals || stuck.contains(key))
                .map(key -> new NotRemoved(key, failure()));
        return store.removeAll(removable).concatWith(left);
    }
}
