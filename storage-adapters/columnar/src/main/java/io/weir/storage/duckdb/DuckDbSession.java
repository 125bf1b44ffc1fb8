package io.weir.storage.duckdb;

import io.weir.common.error.WeirException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
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
    private final BufferAllocator allocator;
    private final Scheduler worker;
    private final Scheduler timer;
    private final QueryWatch watch;
    private volatile @Nullable SessionConnection connection;
    private volatile boolean working;
    private volatile boolean killed;
    private final List<Runnable> onClose = new ArrayList<>();
    private boolean closed;

    DuckDbSession(
            DuckDbInstance instance,
            BufferAllocator allocator,
            Scheduler worker,
            Scheduler timer,
            Duration limit,
            Duration readerTimeout,
            QueryVerdict verdict) {
        this.instance = instance;
        this.allocator = allocator;
        this.worker = worker;
        this.timer = timer;
        this.watch = new QueryWatch(timer, limit, readerTimeout, verdict, this::kill);
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
                sink.error(EngineFailures.of(e));
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
                sink.error(EngineFailures.of(e));
            }
        }
        return stream;
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
