package io.weir.storage.resilience;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.storage.object.NotRemoved;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.ObjectTransfer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A store behind time limits, retries, breakers and bulkheads, one of each for each {@link OperationClass}. What can be
 * repeated is: a read goes on at the byte, and a listing at the key, where it broke off; a put from a file that may have
 * happened is recognised by length and checksum when it is tried again. A put of a stream is tried once. Nothing is ever
 * deleted because of a failure. Thread-safe.
 *
 * <pre>
 *   memory ─ total time ─ retry ─ [ bulkhead ─ breaker ─ attempt's time ─ store ]
 * </pre>
 */
public final class ResilientObjectStore implements ObjectStore {

    private static final int REMOVED_AT_ONCE = 1_000;

    private final ObjectStore store;
    private final Scheduler io;
    private final TransferMemory memory;
    private final Map<OperationClass, OperationGuard> guards = new EnumMap<>(OperationClass.class);

    /**
     * That store, protected.
     *
     * @param io scheduler for looking at files that are put
     * @param registry where its figures go
     */
    public ResilientObjectStore(ObjectStore store, ResilienceSettings settings, Scheduler io, MeterRegistry registry) {
        this.store = store;
        this.io = io;
        this.memory = new TransferMemory(settings.memoryBytes(), registry);
        StoreMeters meters = new StoreMeters(registry);
        for (OperationClass operation : OperationClass.values()) {
            OperationGuard guard = new OperationGuard(operation, settings, meters);
            guards.put(operation, guard);
            meters.watch(operation, guard);
        }
    }

    /** State of each breaker: {@code closed}, {@code open}, {@code half_open} or {@code disabled}. */
    public Map<OperationClass, String> states() {
        Map<OperationClass, String> states = new EnumMap<>(OperationClass.class);
        guards.forEach((operation, guard) -> states.put(operation, guard.state()));
        return states;
    }

    /** Whether reads and puts of streams are refused now for want of memory for their buffers. */
    public boolean isShedding() {
        return memory.isFull();
    }

    /** Whether the store refused the latest call of some class that it answered, as it does when credentials have expired. */
    public boolean isDenied() {
        return guards.values().stream().anyMatch(OperationGuard::isDenied);
    }

    /** Time an attempt of each class gets now, besides what its bytes need. */
    public Map<OperationClass, Duration> attemptLimits() {
        Map<OperationClass, Duration> limits = new EnumMap<>(OperationClass.class);
        guards.forEach((operation, guard) -> limits.put(operation, guard.attemptLimit()));
        return limits;
    }

    private OperationGuard guard(OperationClass operation) {
        return Objects.requireNonNull(guards.get(operation));
    }

    @Override
    public Mono<ObjectInfo> put(String key, Path file) {
        OperationGuard guard = guard(OperationClass.WRITE);
        return ObjectTransfer.onDisk(() -> Files.size(file), io).flatMap(size -> {
            AtomicBoolean mayHaveHappened = new AtomicBoolean();
            Mono<ObjectInfo> attempt = guard.attempt(size, Mono.defer(() -> store.put(key, file)))
                    .doOnError(ObjectStoreError::outcomeUnknown, e -> mayHaveHappened.set(true))
                    .onErrorResume(
                            e -> mayHaveHappened.get() && ObjectStoreError.OBJECT_EXISTS.is(e),
                            exists -> recognised(key, file, exists));
            return memory.forFile(size, guard.repeated(size, attempt));
        });
    }

    /** The object that is there, when it is this file: then an attempt that seemed to fail did not. */
    private Mono<ObjectInfo> recognised(String key, Path file, Throwable exists) {
        return Mono.zip(
                        guard(OperationClass.READ).attempt(0, store.head(key)),
                        ObjectTransfer.onDisk(
                                () -> new ObjectInfo(key, Files.size(file), ObjectTransfer.checksum(file)), io))
                .filter(both -> both.getT1().hasContentOf(both.getT2()))
                .switchIfEmpty(Mono.error(exists))
                .flatMap(both -> ObjectTransfer.onDisk(() -> Files.deleteIfExists(file), io)
                        .thenReturn(both.getT1()));
    }

    @Override
    public Mono<ObjectInfo> put(String key, Publisher<ByteBuffer> content) {
        return memory.forStream(guard(OperationClass.WRITE).attemptOnce(store.put(key, content)));
    }

    @Override
    public Mono<ObjectInfo> head(String key) {
        OperationGuard guard = guard(OperationClass.READ);
        return guard.repeated(0, guard.attempt(0, Mono.defer(() -> store.head(key))));
    }

    @Override
    public Flux<ByteBuffer> read(String key, long offset, long length) {
        OperationGuard guard = guard(OperationClass.READ);
        return memory.forRead(length, Flux.defer(() -> {
            AtomicLong got = new AtomicLong();
            return guard.repeated(guard.attempt(
                            Flux.defer(() -> store.read(key, offset + got.get(), length - got.get())))
                    .doOnNext(buffer -> got.addAndGet(buffer.remaining())));
        }));
    }

    @Override
    public Flux<ObjectInfo> list(String prefix, String after) {
        OperationGuard guard = guard(OperationClass.LIST);
        return Flux.defer(() -> {
            String[] last = {after};
            return guard.repeated(guard.attempt(Flux.defer(() -> store.list(prefix, last[0])))
                    .doOnNext(object -> last[0] = object.key()));
        });
    }

    @Override
    public Mono<Void> remove(String key) {
        OperationGuard guard = guard(OperationClass.REMOVE);
        return guard.repeated(0, guard.attempt(0, Mono.defer(() -> store.remove(key))));
    }

    @Override
    public Flux<NotRemoved> removeAll(Collection<String> keys) {
        return Flux.fromIterable(keys).buffer(REMOVED_AT_ONCE).concatMap(this::removeBatch, 1);
    }

    private Flux<NotRemoved> removeBatch(List<String> keys) {
        OperationGuard guard = guard(OperationClass.REMOVE);
        Mono<List<NotRemoved>> attempt = guard.attempt(
                0,
                Mono.defer(() -> store.removeAll(keys).collectList())
                        // A batch of which nothing succeeded failed as a whole, and can be repeated as a whole.
                        .flatMap(left -> left.size() == keys.size()
                                ? Mono.error(left.get(0).cause())
                                : Mono.just(left)));
        return guard.repeated(0, attempt)
                .flatMapIterable(left -> left)
                .onErrorResume(e -> Flux.fromIterable(keys).map(key -> new NotRemoved(key, e)));
    }
}
