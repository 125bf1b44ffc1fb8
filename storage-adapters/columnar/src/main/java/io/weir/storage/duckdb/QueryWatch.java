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
    private final QueryVerdict verdict;
    private long leftNanos;
    private long startedNanos;
    private @Nullable Disposable alarm;

    /** A watch that passes {@code verdict} and runs {@code kill} when a clock runs out, both on {@code timer}. */
    QueryWatch(Scheduler timer, Duration limit, Duration readerTimeout, QueryVerdict verdict, Runnable kill) {
        this.timer = timer;
        this.limit = limit;
        this.readerTimeout = readerTimeout;
        this.verdict = verdict;
        this.kill = kill;
        this.leftNanos = limit.toNanos();
    }

    /** The engine starts to work. */
    void working() {
        disarm();
        startedNanos = System.nanoTime();
        alarm = timer.schedule(this::outOfTime, Math.max(0, leftNanos), TimeUnit.NANOSECONDS);
    }

    /** The engine has stopped and nobody waits for it. */
    void idle() {
        disarm();
        leftNanos -= System.nanoTime() - startedNanos;
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
