package io.weir.storage.cache;

import io.weir.storage.object.NotRemoved;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A store that counts reads, can hold them up, and can change what they give. */
final class CountingStore implements ObjectStore {

    private final ObjectStore store;
    final AtomicInteger reads = new AtomicInteger();
    volatile Mono<Void> gate = Mono.empty();
    volatile boolean damaging;

    CountingStore(ObjectStore store) {
        this.store = store;
    }

    @Override
    public Flux<ByteBuffer> read(String key, long offset, long length) {
        return Flux.defer(() -> {
            reads.incrementAndGet();
            return gate.thenMany(store.read(key, offset, length)).doOnNext(buffer -> {
                if (damaging) {
                    buffer.put(0, (byte) ~buffer.get(0));
                }
            });
        });
    }

    /** With a checksum, as remote stores have it. */
    @Override
    public Mono<ObjectInfo> head(String key) {
        return store.head(key)
                .flatMap(info -> store.read(key, 0, info.sizeBytes())
                        .collect(java.util.zip.CRC32C::new, java.util.zip.CRC32C::update)
                        .map(crc -> new ObjectInfo(key, info.sizeBytes(), io.weir.storage.object.Checksum.of(crc))));
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
