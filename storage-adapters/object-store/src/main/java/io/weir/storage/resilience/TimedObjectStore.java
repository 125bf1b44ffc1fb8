package io.weir.storage.resilience;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.error.WeirException;
import io.weir.storage.object.NotRemoved;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A store without protections, such as a local one, whose calls are timed like those of one with them. Thread-safe. */
public final class TimedObjectStore implements ObjectStore {

    private final ObjectStore store;
    private final StoreMeters meters;

    /** That store, whose figures go to {@code registry}. */
    public TimedObjectStore(ObjectStore store, MeterRegistry registry) {
        this.store = store;
        this.meters = new StoreMeters(registry);
    }

    private <T> Mono<T> timed(OperationClass operation, Mono<T> call) {
        return Mono.defer(() -> {
            long start = System.nanoTime();
            return call.doOnSuccess(done -> ended(operation, "ok", start))
                    .doOnError(e -> ended(operation, outcome(e), start))
                    .doOnCancel(() -> ended(operation, "cancelled", start));
        });
    }

    /** Until the first element: from then on the time is the reader's. */
    private <T> Flux<T> timed(OperationClass operation, Flux<T> call) {
        return Flux.defer(() -> {
            long start = System.nanoTime();
            AtomicLong answered = new AtomicLong();
            return call.doOnNext(first -> answered.compareAndSet(0, System.nanoTime()))
                    .doOnComplete(() -> ended(operation, "ok", start, answered.get()))
                    .doOnError(e -> ended(operation, outcome(e), start, answered.get()))
                    .doOnCancel(() -> ended(operation, "cancelled", start, answered.get()));
        });
    }

    private static String outcome(Throwable failure) {
        return failure instanceof WeirException weir ? weir.code().id() : "failed";
    }

    private void ended(OperationClass operation, String outcome, long startNanos) {
        ended(operation, outcome, startNanos, 0);
    }

    private void ended(OperationClass operation, String outcome, long startNanos, long answeredNanos) {
        meters.ended(operation, outcome, (answeredNanos == 0 ? System.nanoTime() : answeredNanos) - startNanos);
    }

    @Override
    public Mono<ObjectInfo> put(String key, Path file) {
        return timed(OperationClass.WRITE, store.put(key, file));
    }

    @Override
    public Mono<ObjectInfo> put(String key, Publisher<ByteBuffer> content) {
        return timed(OperationClass.WRITE, store.put(key, content));
    }

    @Override
    public Mono<ObjectInfo> head(String key) {
        return timed(OperationClass.READ, store.head(key));
    }

    @Override
    public Flux<ByteBuffer> read(String key, long offset, long length) {
        return timed(OperationClass.READ, store.read(key, offset, length));
    }

    @Override
    public Flux<ObjectInfo> list(String prefix, String after) {
        return timed(OperationClass.LIST, store.list(prefix, after));
    }

    @Override
    public Mono<Void> remove(String key) {
        return timed(OperationClass.REMOVE, store.remove(key));
    }

    @Override
    public Flux<NotRemoved> removeAll(Collection<String> keys) {
        return timed(OperationClass.REMOVE, store.removeAll(keys));
    }
}
