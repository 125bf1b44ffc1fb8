package io.weir.ingest.edge;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.storage.object.NotRemoved;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A store that can be switched to take nothing. */
final class SwitchedStore implements ObjectStore {

    private final ObjectStore store;
    private volatile boolean failing;

    SwitchedStore(ObjectStore store) {
        this.store = store;
    }

    /** Whether putting fails from now on. */
    void failing(boolean on) {
        failing = on;
    }

    @Override
    public Mono<ObjectInfo> put(String key, Path file) {
        return Mono.defer(() -> failing
                ? Mono.error(new WeirException(CommonError.STORAGE_UNAVAILABLE, "switched off"))
                : store.put(key, file));
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
    public Mono<ObjectInfo> put(String key, Publisher<ByteBuffer> content) {
        return store.put(key, content);
    }

    @Override
    public Flux<ObjectInfo> list(String prefix, String after) {
        return store.list(prefix, after);
    }

    @Override
    public Mono<Void> remove(String key) {
        return store.remove(key);
    }

    @Override
    public Flux<NotRemoved> removeAll(Collection<String> keys) {
        return store.removeAll(keys);
    }
}
