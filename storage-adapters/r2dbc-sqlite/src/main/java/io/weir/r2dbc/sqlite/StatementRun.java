package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcTimeoutException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * One statement's turns in SQLite: from its first step to its last row. Adds up the time of the turns, and stops the
 * statement when it is cancelled or its time is used up.
 *
 * <p>{@link #enter}, {@link #leave} and {@link #watch} belong to the worker; {@link #cancel} to any thread. What the
 * subscriber does between rows does not count.
 */
final class StatementRun {
    private enum Stop {
        CANCELLED,
        TIMED_OUT
    }

    private static final long MIN_PERIOD_NANOS = 1_000_000;
    private static final long MAX_PERIOD_NANOS = 1_000_000_000;

    private final InterruptGate gate;
    private final Scheduler timer;
    private final SqliteMetrics metrics;
    private final Duration timeout;
    private final long timeoutNanos;
    private volatile @Nullable Stop stop;
    private volatile long usedNanos;
    /** Start of the turn now in SQLite; meaningless between turns. */
    private volatile long enteredNanos;

    private volatile boolean inside;

    StatementRun(InterruptGate gate, Scheduler timer, SqliteMetrics metrics, Duration timeout) {
        this.gate = gate;
        this.timer = timer;
        this.metrics = metrics;
        this.timeout = timeout;
        this.timeoutNanos = Durations.nanos(timeout);
    }

    void enter() {
        gate.enter(this);
        if (timeoutNanos > 0) {
            enteredNanos = System.nanoTime();
            inside = true;
        }
    }

    void leave() {
        gate.leave();
        if (timeoutNanos > 0) {
            long turn = System.nanoTime() - enteredNanos;
            inside = false;
            // Only the worker writes it.
            long used = usedNanos + turn;
            usedNanos = used;
            if (used >= timeoutNanos) {
                timeOut();
            }
        }
    }

    /** Stops the statement, if it is in SQLite, and lets it in no more. */
    void cancel() {
        stop(Stop.CANCELLED);
    }

    /** Watches the time of the turns until disposed; does nothing without a timeout. */
    Disposable watch() {
        if (timeoutNanos <= 0) {
            return Disposables.disposed();
        }
        // Periodic, because time between turns does not count: when the first alarm rings, some may be left.
        long periodNanos = Math.min(MAX_PERIOD_NANOS, Math.max(MIN_PERIOD_NANOS, timeoutNanos / 10));
        return timer.schedulePeriodically(this::ring, Math.max(1, remainingNanos()), periodNanos, TimeUnit.NANOSECONDS);
    }

    private void ring() {
        if (remainingNanos() <= 0) {
            timeOut();
        }
    }

    private long remainingNanos() {
        long turn = inside ? System.nanoTime() - enteredNanos : 0;
        return timeoutNanos - usedNanos - turn;
    }

    private void timeOut() {
        if (stop == null) {
            metrics.statementTimedOut();
            stop(Stop.TIMED_OUT);
        }
    }

    private void stop(Stop reason) {
        stop = reason;
        if (gate.interrupt(this)) {
            metrics.interrupted();
        }
    }

    /** Called under the gate's lock, so that a stop is seen either here or by the interrupt. */
    void refuseWhenStopped() {
        Stop reason = stop;
        if (reason != null) {
            throw stopped(reason, null, null);
        }
    }

    /** The error to report for a failed turn. */
    R2dbcException explain(SQLException error, String sql) {
        Stop reason = stop;
        return reason != null && SqliteErrors.code(error) == SqliteErrors.INTERRUPT
                ? stopped(reason, sql, error)
                : SqliteErrors.running(error, sql);
    }

    private R2dbcException stopped(Stop reason, @Nullable String sql, @Nullable SQLException cause) {
        return reason == Stop.TIMED_OUT
                ? new R2dbcTimeoutException(
                        "statement stopped after " + timeout + " (statementTimeout)",
                        null,
                        SqliteErrors.INTERRUPT,
                        sql,
                        cause)
                : new R2dbcTransientResourceException("statement cancelled", null, SqliteErrors.INTERRUPT, sql, cause);
    }
}
