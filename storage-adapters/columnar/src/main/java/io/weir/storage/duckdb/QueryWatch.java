package io.weir.storage.duckdb;

import io.weir.common.error.WeirException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * The clocks of one query. One counts the time the engine works for it and stops while the reader is busy with what it
 * got; the other counts how long the reader keeps a finished piece waiting. When either runs out the query fails at once,
 * even if the engine cannot stop at once. Used by the session's worker, except {@link #fail}.
 */
final class QueryWatch {

    private final Scheduler timer;
    private final Duration limit;
    private final Duration readerTimeout;
    private final Runnable kill;
    private final Runnable onLongWork;
    private final QueryVerdict verdict;
    private long leftNanos;
    private long startedNanos;
    private long longWorkNanos;
    private @Nullable Disposable alarm;
    private @Nullable Disposable longWorkAlarm;

    /**
     * A watch that passes {@code verdict} and runs {@code kill} when a clock runs out, both on {@code timer}, as is
     * {@code onLongWork} when the engine has worked {@code longWork}.
     */
    QueryWatch(
            Scheduler timer,
            Duration limit,
            Duration readerTimeout,
            QueryVerdict verdict,
            Runnable kill,
            Duration longWork,
            Runnable onLongWork) {
        this.timer = timer;
        this.limit = limit;
        this.readerTimeout = readerTimeout;
        this.verdict = verdict;
        this.kill = kill;
        this.longWorkNanos = longWork.toNanos();
        this.onLongWork = onLongWork;
        this.leftNanos = limit.toNanos();
    }

    /** The engine starts to work. */
    void working() {
        disarm();
        startedNanos = System.nanoTime();
        alarm = timer.schedule(this::outOfTime, Math.max(0, leftNanos), TimeUnit.NANOSECONDS);
        if (longWorkNanos > 0) {
            longWorkAlarm = timer.schedule(onLongWork, longWorkNanos, TimeUnit.NANOSECONDS);
        }
    }

    /** The engine has stopped and nobody waits for it. */
    void idle() {
        disarm();
        long worked = System.nanoTime() - startedNanos;
        leftNanos -= worked;
        longWorkNanos -= worked;
    }

    /** The engine has handed something to the reader and waits for it to ask for more. */
    void waitingForReader() {
        idle();
        alarm = timer.schedule(this::readerStalled, readerTimeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Ends the query with that failure, unless it has ended. */
    void fail(WeirException reason) {
        if (verdict.pass(reason)) {
            kill.run();
        }
    }

    /** Stops the clocks. */
    void disarm() {
        Disposable armed = alarm;
        if (armed != null) {
            armed.dispose();
            alarm = null;
        }
        Disposable longWork = longWorkAlarm;
        if (longWork != null) {
            longWork.dispose();
            longWorkAlarm = null;
        }
    }

    private void outOfTime() {
        fail(new WeirException(
                EngineError.QUERY_TIMEOUT,
                "the query did not finish within " + limit.toMillis() + " ms of work",
                Map.of("timeout_ms", limit.toMillis())));
    }

    private void readerStalled() {
        fail(new WeirException(
                EngineError.READER_TIMEOUT, "the reader took nothing for " + readerTimeout.toMillis() + " ms"));
    }
}
