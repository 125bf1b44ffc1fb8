package io.weir.ingest.edge;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
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
    public Flux<ObjectInfo> list(String prefix) {
        return store.list(prefix);
    }

    @Override
    public Mono<Boolean> remove(String key) {
        return store.remove(key);
    }

    @Override
    public Mono<Path> localFile(String key) {
        return store.localFile(key);
    }
}
