package io.weir.storage.duckdb;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.pool.InstrumentedPool;
import reactor.pool.PoolAcquirePendingLimitException;
import reactor.pool.PoolAcquireTimeoutException;
import reactor.pool.PoolBuilder;
import reactor.pool.PoolShutdownException;
import reactor.pool.PooledRef;

/** The bounded pool of {@link SessionSlot}s: waiting is a queue, first come first served, with a deadline. Thread-safe. */
final class SessionPool {

    private static final Logger LOG = LoggerFactory.getLogger(SessionPool.class);

    private final DuckDbSettings settings;
    private final InstrumentedPool<SessionSlot> pool;
    private final Queue<SessionSlot> slots =
            new ConcurrentLinkedQueue<>(); // all ever made: as many as the pool is large
    private final LongAdder timedOut = new LongAdder();
    private final LongAdder refused = new LongAdder();

    SessionPool(DuckDbSettings settings, Scheduler timer) {
        this.settings = settings;
        AtomicInteger numbers = new AtomicInteger();
        this.pool = PoolBuilder.from(Mono.fromSupplier(() -> slot(numbers.incrementAndGet())))
                .sizeBetween(0, settings.maxSessions())
                .maxPendingAcquire(settings.maxPending())
                .pendingAcquireTimer((task, wait) -> timer.schedule(task, wait.toMillis(), TimeUnit.MILLISECONDS))
                .releaseHandler(slot -> Mono.empty())
                .destroyHandler(slot -> Mono.fromRunnable(slot::dispose))
                .buildPool();
    }

    private SessionSlot slot(int number) {
        SessionSlot slot = new SessionSlot(number);
        slots.add(slot);
        return slot;
    }

    /** A slot, as soon as one is free. Fails with {@code overloaded}, or {@code shutting-down} once closed. */
    Mono<PooledRef<SessionSlot>> acquire() {
        return pool.acquire(settings.acquireTimeout()).onErrorMap(this::explain);
    }

    private Throwable explain(Throwable failure) {
        if (failure instanceof PoolAcquirePendingLimitException) {
            refused.increment();
            return overloaded("too many queries are waiting for a session", failure);
        }
        if (failure instanceof PoolAcquireTimeoutException || failure instanceof TimeoutException) {
            timedOut.increment();
            return overloaded(
                    "no query session became free within "
                            + settings.acquireTimeout().toMillis() + " ms",
                    failure);
        }
        if (failure instanceof PoolShutdownException) {
            return new WeirException(CommonError.SHUTTING_DOWN, "the query engine is shutting down", failure);
        }
        return failure;
    }

    private WeirException overloaded(String detail, Throwable cause) {
        return new WeirException(
                CommonError.OVERLOADED,
                detail,
                Map.of("max_sessions", settings.maxSessions(), "max_pending", settings.maxPending()),
                cause);
    }

    int acquired() {
        return pool.metrics().acquiredSize();
    }

    int pending() {
        return pool.metrics().pendingAcquireSize();
    }

    long timedOut() {
        return timedOut.sum();
    }

    long refused() {
        return refused.sum();
    }

    /**
     * Refuses new queries and those that wait, at once; slots in use are disposed when they come back.
     *
     * @return completes when all are disposed and their threads have nothing left to do; need not be subscribed to
     */
    Mono<Void> close() {
        Mono<Void> closed = pool.disposeLater()
                .then(Mono.defer(
                        () -> Mono.when(slots.stream().map(SessionSlot::ended).toList())))
                .cache();
        closed.subscribe(nothing -> {}, e -> LOG.error("the pool of query sessions could not be closed", e));
        return closed;
    }
}
