package io.weir.storage.duckdb;

import io.weir.common.error.WeirException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Scheduler;

/**
 * One query's share of the engine: a fresh connection, used on one worker thread. Got from
 * {@link DuckDbEngine#withSession}, which releases it on complete, error and cancel. Its methods may be called from any
 * thread and never block; what they return is to be subscribed to one after the other.
 */
public final class DuckDbSession {

    private static final Logger LOG = LoggerFactory.getLogger(DuckDbSession.class);
    private static final long INTERRUPT_AGAIN_MILLIS = 20;

    private final DuckDbInstance instance;
    private final Lane lane;
    private final Runnable onFatal;
    private final BufferAllocator allocator;
    private final Scheduler worker;
    private final Scheduler timer;
    private final QueryWatch watch;
    private volatile @Nullable SessionConnection connection;
    private volatile boolean working;
    private volatile boolean killed;
    private final List<Runnable> onClose = new ArrayList<>();
    private final AtomicBoolean heavy;
    private boolean closed;

    /** What a session knows of heavy queries: the lane, what is heavy, and whether its own query is in the lane. */
    record Lane(HeavyLane lane, HeavyQueries heavy, boolean entered) {}

    /** @param onFatal run when the instance failed in a way that it does not recover from */
    DuckDbSession(
            DuckDbInstance instance,
            Lane lane,
            Runnable onFatal,
            BufferAllocator allocator,
            Scheduler worker,
            Scheduler timer,
            Duration limit,
            Duration readerTimeout,
            QueryVerdict verdict) {
        this.instance = instance;
        this.lane = lane;
        this.onFatal = onFatal;
        this.heavy = new AtomicBoolean(lane.entered());
        this.allocator = allocator;
        this.worker = worker;
        this.timer = timer;
        this.watch = new QueryWatch(
                timer, limit, readerTimeout, verdict, this::kill, lane.heavy().after(), this::turnHeavy);
    }

    /**
     * Whether a query that reads so many rows may go on: a light one always, a heavy one when there is a place in the lane
     * of the heavy, which it then has. Otherwise it shall end, and begin anew by {@link DuckDbEngine#withHeavySession}.
     */
    public boolean admits(long rows) {
        if (rows < lane.heavy().rows() || heavy.get()) {
            return true;
        }
        HeavyLane.Place place = lane.lane().tryEnter();
        if (place == null) {
            return false;
        }
        heavy.set(true);
        onClose(place::leave);
        return true;
    }

    /** A query that has worked for so long counts among the heavy, whatever it looked like. */
    private void turnHeavy() {
        if (heavy.compareAndSet(false, true)) {
            onClose(lane.lane().join()::leave);
        }
    }

    /** Does blocking work with the session's connection on its worker. Cancel stops the engine. */
    public <R> Mono<R> run(SessionWork<R> work) {
        return Mono.<R>create(sink -> runNow(work, sink)).subscribeOn(worker);
    }

    private <R> void runNow(SessionWork<R> work, MonoSink<R> sink) {
        try {
            R result = work.run(begin());
            end();
            sink.success(result);
        } catch (SQLException | RuntimeException e) {
            end();
            if (killed) {
                sink.success(); // whoever killed it has already said why
            } else {
                sink.error(failure(e));
            }
        }
    }

    /**
     * Executes one statement and streams what {@code reader} makes of its result, at the subscriber's pace: the engine
     * computes ahead no more than its own small buffer. At most once in a session.
     *
     * @param parameters values of {@code $1}, {@code $2}, …: null, Boolean, Long, BigInteger, Double, BigDecimal, String
     */
    public <T> Flux<T> stream(String sql, List<@Nullable Object> parameters, ResultReader<T> reader) {
        return Flux.<T, ResultStream<T>>generate(() -> new ResultStream<>(sql, parameters, reader), this::next)
                .subscribeOn(worker);
    }

    private <T> ResultStream<T> next(ResultStream<T> stream, SynchronousSink<T> sink) {
        try {
            T element = stream.next(begin(), allocator);
            if (element == null) {
                end();
                sink.complete();
            } else {
                working = false;
                watch.waitingForReader();
                sink.next(element);
            }
        } catch (SQLException | IOException | RuntimeException e) {
            end();
            if (killed) {
                sink.complete(); // whoever killed it has already said why
            } else {
                sink.error(failure(e));
            }
        }
        return stream;
    }

    private WeirException failure(Exception thrown) {
        if (EngineFailures.isFatal(thrown)) {
            onFatal.run();
        }
        return EngineFailures.of(thrown);
    }

    /** Runs {@code action}, which must not block, once the connection is closed, however the session ends; at once when it is closed already. */
    public void onClose(Runnable action) {
        synchronized (onClose) {
            if (!closed) {
                onClose.add(action);
                return;
            }
        }
        action.run();
    }

    private SessionConnection begin() throws SQLException {
        working = true;
        if (killed) {
            throw new CancellationException("the session is being taken back");
        }
        watch.working();
        SessionConnection open = connection;
        if (open == null) {
            open = new SessionConnection(instance.connect(), instance.hotTables());
            connection = open;
        }
        return open;
    }

    private void end() {
        working = false;
        watch.idle();
    }

    /** Ends the query with that failure, unless it has ended. */
    void fail(WeirException reason) {
        watch.fail(reason);
    }

    /** Gives everything back, on the worker, after whatever it does now. Never fails. */
    Mono<Void> release() {
        return Mono.<Void>fromRunnable(this::closeNow).subscribeOn(worker);
    }

    /** Stops the engine, then gives everything back. Never fails. */
    Mono<Void> abort() {
        return Mono.<Void>fromRunnable(this::kill).subscribeOn(timer).then(release());
    }

    private void kill() {
        killed = true;
        if (!working) {
            return; // nothing runs, nothing more will, and the release that follows closes the connection
        }
        try {
            SessionConnection open = connection;
            if (open != null) {
                open.interrupt();
            }
        } catch (SQLException e) {
            LOG.debug("interrupting a query failed; trying again", e);
        }
        timer.schedule(this::kill, INTERRUPT_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void closeNow() {
        killed = true;
        watch.disarm();
        SessionConnection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (Exception e) {
                LOG.error("a query session did not close cleanly", e);
            }
        }
        List<Runnable> actions;
        synchronized (onClose) {
            closed = true;
            actions = List.copyOf(onClose);
            onClose.clear();
        }
        actions.forEach(Runnable::run);
    }
}
