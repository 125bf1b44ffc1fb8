package io.weir.storage.duckdb;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.pool.PooledRef;

/**
 * The query engine of a process: one locked in-memory DuckDB and a bounded pool of sessions on it. Thread-safe; closed
 * by its owner once no more queries come.
 *
 * <pre>
 *   withSession ─ permit (queue with a deadline) ─ slot: one thread weir-query-N ─ fresh connection ─ statement ─ Arrow batches
 *        └ watch: work time, reader's time ──── kill ──── statement.cancel() | connection.close() ──── close on the slot's thread
 * </pre>
 */
public final class DuckDbEngine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DuckDbEngine.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final DuckDbSettings settings;
    private final DuckDbInstances instances;
    private final HeavyLane heavyLane;
    private final Scheduler healthWorker;
    private final EngineHealth health;
    private final BufferAllocator allocator = new RootAllocator();
    private final Scheduler timer;
    private final SessionPool pool;
    private final ActiveSessions active = new ActiveSessions();

    private DuckDbEngine(DuckDbSettings settings, DuckDbInstances instances) {
        this.settings = settings;
        this.instances = instances;
        this.timer = plainThread("weir-query-watch"); // closing a connection takes its lock
        this.healthWorker = plainThread("weir-query-health");
        this.pool = new SessionPool(settings, timer);
        this.heavyLane =
                new HeavyLane(settings.heavy().atOnce(), settings.maxPending(), settings.acquireTimeout(), timer);
        this.health = new EngineHealth(healthWorker, this::check);
    }

    /** A thread that may block. */
    private static Scheduler plainThread(String name) {
        return Schedulers.newSingle(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts the engine: empties the spill directory and locks the instance. Blocks for some tens of milliseconds.
     *
     * @throws WeirException {@code configuration} when it cannot
     */
    public static DuckDbEngine open(DuckDbSettings settings) {
        SpillDirectory.prepare(settings.spillDirectory());
        AtomicInteger numbers = new AtomicInteger();
        DuckDbInstances instances = new DuckDbInstances(() -> DuckDbInstance.open(
                settings, settings.spillDirectory().resolve("instance-" + numbers.incrementAndGet())));
        DuckDbEngine engine = new DuckDbEngine(settings, instances);
        engine.health.start();
        return engine;
    }

    /** Asks the instance, and replaces one that will not answer any more. */
    private void check() throws SQLException {
        DuckDbInstance instance = instances.acquire();
        try {
            instance.check();
        } catch (SQLException e) {
            if (EngineFailures.of(e).code() == EngineError.QUERY_FAILED) { // and neither out of memory nor out of time
                LOG.error("the instance of the query engine is broken and is replaced", e);
                instances.replace(instance);
            }
            throw e;
        } finally {
            instances.release(instance);
        }
    }

    /**
     * Gives {@code work} a session and streams what it emits. The session is released when the stream ends, however it
     * ends; on cancel the engine is stopped first. Never blocks the subscriber.
     *
     * @param limit longest time the engine may work for it; the time the reader takes does not count
     * @return fails with {@code overloaded} when no session becomes free in time, {@code query-timeout},
     *     {@code reader-timeout}, {@code shutting-down}, the other codes of {@link EngineError}, or what {@code work} fails with
     */
    public <T> Flux<T> withSession(Duration limit, Function<DuckDbSession, Flux<T>> work) {
        return withSession(limit, false, work);
    }

    /** The same for a query known to be heavy, which first waits for its turn among those. */
    public <T> Flux<T> withHeavySession(Duration limit, Function<DuckDbSession, Flux<T>> work) {
        return Flux.usingWhen(
                heavyLane.enter(), place -> withSession(limit, true, work), place -> Mono.fromRunnable(place::leave));
    }

    private <T> Flux<T> withSession(Duration limit, boolean heavy, Function<DuckDbSession, Flux<T>> work) {
        return Flux.defer(() -> {
            QueryVerdict verdict = new QueryVerdict();
            // Outside of usingWhen, so that a query out of time fails now and its session follows when it can.
            return verdict.over(Flux.usingWhen(
                    pool.acquire().map(slot -> lease(slot, limit, heavy, verdict)),
                    lease -> work.apply(lease.session()),
                    lease -> giveBack(lease, lease.session().release()),
                    (lease, error) -> giveBack(lease, lease.session().release()),
                    lease -> giveBack(lease, lease.session().abort())));
        });
    }

    private Lease lease(PooledRef<SessionSlot> slot, Duration limit, boolean heavy, QueryVerdict verdict) {
        Scheduler worker = slot.poolable().worker();
        DuckDbInstance instance = instances.acquire();
        DuckDbSession session = new DuckDbSession(
                instance,
                new DuckDbSession.Lane(heavyLane, settings.heavy(), heavy),
                health::suspect,
                allocator,
                worker,
                timer,
                limit,
                settings.readerTimeout(),
                verdict);
        session.onClose(() -> instances.release(instance));
        active.add(session);
        return new Lease(slot, session);
    }

    private Mono<Void> giveBack(Lease lease, Mono<Void> closed) {
        return closed.then(Mono.defer(() -> {
            active.remove(lease.session());
            return lease.slot().release();
        }));
    }

    private record Lease(PooledRef<SessionSlot> slot, DuckDbSession session) {}

    /** Queries that hold a session now. */
    public int acquired() {
        return pool.acquired();
    }

    /** Queries that wait for a session now. */
    public int pending() {
        return pool.pending();
    }

    /** Sessions made since the start. */
    public long created() {
        return active.created();
    }

    /** Sessions closed since the start. */
    public long destroyed() {
        return active.destroyed();
    }

    /** Queries that waited for a session in vain. */
    public long timedOut() {
        return pool.timedOut();
    }

    /** Queries refused because too many waited. */
    public long refused() {
        return pool.refused();
    }

    /** Heavy queries that run now. */
    public int heavy() {
        return heavyLane.inside();
    }

    /** Heavy queries that wait for their turn. */
    public int heavyPending() {
        return heavyLane.pending();
    }

    /** Heavy queries that did not get their turn. */
    public long heavyRefused() {
        return heavyLane.refused();
    }

    /** While memory is short, heavy queries are refused; those that run or wait go on. */
    public void pressed(boolean high) {
        heavyLane.shut(high);
    }

    /** Queries that may hold a session at once. */
    public int maxSessions() {
        return settings.maxSessions();
    }

    /** How the engine answers. */
    public EngineStatus status() {
        return health.status();
    }

    /** Instances of the engine replaced because they were broken. */
    public long replaced() {
        return instances.replaced();
    }

    /** The instance that new sessions get and those before it. */
    DuckDbInstances instances() {
        return instances;
    }

    /** Has the engine checked now. */
    void suspect() {
        health.suspect();
    }

    /** Registered sets of hot rows; 0 when no query runs. */
    int hotTables() {
        return instances.hotTables();
    }

    /** Bytes of Arrow buffers in use; 0 when no query runs. */
    long arrowBytes() {
        return allocator.getAllocatedMemory();
    }

    /**
     * Ends all queries with {@code shutting-down}, waits up to ten seconds for the engine to let go of them, and closes
     * it. Blocks. A query that cannot be stopped leaves the engine open, because closing it under a thread would crash.
     */
    @Override
    public void close() {
        health.dispose();
        healthWorker.dispose();
        Mono<Void> poolClosed = pool.close();
        WeirException reason = new WeirException(CommonError.SHUTTING_DOWN, "the query engine is shutting down");
        active.all().forEach(session -> session.fail(reason));
        try {
            if (!active.awaitNone(CLOSE_LIMIT)) {
                LOG.error("queries still run {} after they were told to stop; the engine stays open", CLOSE_LIMIT);
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.error("interrupted while closing; the engine stays open");
            return;
        }
        awaitThreads(poolClosed);
        timer.dispose();
        allocator.close();
        instances.close();
    }

    /** No session is open any more; its thread may still be on its way out. */
    private static void awaitThreads(Mono<Void> poolClosed) {
        try {
            poolClosed.block(CLOSE_LIMIT);
        } catch (RuntimeException e) {
            LOG.warn("the threads of query sessions did not all end within {}", CLOSE_LIMIT, e);
        }
    }
}
