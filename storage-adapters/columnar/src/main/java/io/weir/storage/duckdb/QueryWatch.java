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
 * even if the engine cannot stop at once.
 *
 * <p>The clocks change hands with every piece of a result, so that changing costs no timer: one alarm is set for the
 * earliest moment at which something could be due, and whether it is shows when that comes. Thread-safe.
 */
final class QueryWatch {

    /** Which clock runs. */
    private enum Clock {
        NONE,
        ENGINE,
        READER
    }

    /** What an alarm tells. */
    private enum Ring {
        NOTHING,
        LONG_WORK,
        ENGINE_LATE,
        READER_LATE
    }

    private final Scheduler timer;
    private final Duration limit;
    private final Duration readerTimeout;
    private final QueryVerdict verdict;
    private final Runnable kill;
    private final long longWorkNanos;
    private final Runnable onLongWork;

    private Clock clock = Clock.NONE;
    private long sinceNanos;
    private long workedNanos;
    private boolean worksLong;
    private boolean disarmed;
    private long alarmNanos;
    private @Nullable Disposable alarm;

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
    }

    /** The engine starts to work. */
    void working() {
        run(Clock.ENGINE);
    }

    /** The engine has stopped and nobody waits for it. */
    void idle() {
        run(Clock.NONE);
    }

    /** The engine has handed something to the reader and waits for it to ask for more. */
    void waitingForReader() {
        run(Clock.READER);
    }

    private synchronized void run(Clock next) {
        long now = System.nanoTime();
        if (clock == Clock.ENGINE) {
            workedNanos += now - sinceNanos;
        }
        clock = next;
        sinceNanos = now;
        if (next != Clock.NONE && !disarmed) {
            long due = dueNanos();
            if (alarm == null || due - alarmNanos < 0) {
                setAlarm(due, now);
            }
        }
    }

    /** When the running clock has something to say next. */
    private long dueNanos() {
        if (clock == Clock.READER) {
            return sinceNanos + readerTimeout.toNanos();
        }
        long left = limit.toNanos() - workedNanos;
        return sinceNanos + (worksLong ? left : Math.min(left, longWorkNanos - workedNanos));
    }

    private void setAlarm(long due, long now) {
        if (alarm != null) {
            alarm.dispose();
        }
        alarmNanos = due;
        alarm = timer.schedule(this::ring, Math.max(0, due - now), TimeUnit.NANOSECONDS);
    }

    private void ring() {
        Ring ring = look();
        switch (ring) {
            case READER_LATE ->
                fail(new WeirException(
                        EngineError.READER_TIMEOUT, "the reader took nothing for " + readerTimeout.toMillis() + " ms"));
            case ENGINE_LATE ->
                fail(new WeirException(
                        EngineError.QUERY_TIMEOUT,
                        "the query did not finish within " + limit.toMillis() + " ms of work",
                        Map.of("timeout_ms", limit.toMillis())));
            case LONG_WORK -> onLongWork.run();
            case NOTHING -> {}
        }
    }

    /** What has come to pass; the alarm is set anew unless the query is over with it. */
    private synchronized Ring look() {
        alarm = null;
        if (disarmed || clock == Clock.NONE) {
            return Ring.NOTHING;
        }
        long now = System.nanoTime();
        if (clock == Clock.READER) {
            if (now - sinceNanos >= readerTimeout.toNanos()) {
                return Ring.READER_LATE;
            }
            setAlarm(dueNanos(), now);
            return Ring.NOTHING;
        }
        long worked = workedNanos + now - sinceNanos;
        if (worked >= limit.toNanos()) {
            return Ring.ENGINE_LATE;
        }
        boolean turns = !worksLong && worked >= longWorkNanos;
        worksLong |= turns;
        setAlarm(dueNanos(), now);
        return turns ? Ring.LONG_WORK : Ring.NOTHING;
    }

    /** Ends the query with that failure, unless it has ended. */
    void fail(WeirException reason) {
        if (verdict.pass(reason)) {
            kill.run();
        }
    }

    /** Stops the clocks for good. */
    synchronized void disarm() {
        disarmed = true;
        if (alarm != null) {
            alarm.dispose();
            alarm = null;
        }
    }
}
