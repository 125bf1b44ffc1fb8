package io.weir.ingest.fault;

import io.weir.common.error.WeirException;
import io.weir.storage.object.NotRemoved;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** An object store in memory that fails as its {@link Faults} say. What it holds outlives it in the map it is given. */
public final class FaultyObjectStore implements ObjectStore {

    private final Map<String, byte[]> objects;
    private final Faults faults;

    /** @param objects a concurrent map, perhaps of an earlier run */
    public FaultyObjectStore(Map<String, byte[]> objects, Faults faults) {
        this.objects = objects;
        this.faults = faults;
    }

    /** A store that is empty. */
    public FaultyObjectStore(Faults faults) {
        this(new ConcurrentHashMap<>(), faults);
    }

    @Override
    public Mono<ObjectInfo> put(String key, Path file) {
        return faults.around(
                        () -> {
                            byte[] bytes = Files.readAllBytes(file);
                            if (objects.putIfAbsent(key, bytes) != null) {
                                throw new WeirException(ObjectStoreError.OBJECT_EXISTS, "object " + key + " exists");
                            }
                            Files.delete(file);
                            return new ObjectInfo(key, bytes.length);
                        },
                        FaultyObjectStore::failed)
                .subscribeOn(Schedulers.boundedElastic());
    }

    private static WeirException failed(String message) {
        return new WeirException(ObjectStoreError.OBJECT_STORE_FAILED, message);
    }

    @Override
    public Mono<ObjectInfo> head(String key) {
        return faults.around(
                () -> {
                    byte[] bytes = objects.get(key);
                    return bytes == null ? null : new ObjectInfo(key, bytes.length);
                },
                FaultyObjectStore::failed);
    }

    @Override
    public Flux<ByteBuffer> read(String key, long offset, long length) {
        return Flux.defer(() -> Flux.just(ByteBuffer.wrap(objects.get(key), (int) offset, (int) length)));
    }

    @Override
    public Mono<ObjectInfo> put(String key, Publisher<ByteBuffer> content) {
        return Mono.error(new UnsupportedOperationException("no test streams"));
    }

    @Override
    public Flux<ObjectInfo> list(String prefix, String after) {
        return Flux.fromStream(() -> objects.entrySet().stream().sorted(Map.Entry.comparingByKey()))
                .filter(object ->
                        object.getKey().startsWith(prefix) && object.getKey().compareTo(after) > 0)
                .map(object -> new ObjectInfo(object.getKey(), object.getValue().length));
    }

    @Override
    public Mono<Void> remove(String key) {
        return Mono.fromRunnable(() -> objects.remove(key));
    }

    @Override
    public Flux<NotRemoved> removeAll(Collection<String> keys) {
        return Mono.<NotRemoved>fromRunnable(() -> objects.keySet().removeAll(keys))
                .flux();
    }
}
