package io.weir.storage.duckdb;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * Asks the engine again and again whether it answers: at a steady pace while it does, and after failures at growing
 * intervals up to a minute, so that a sick engine is never asked in a tight loop. Checks run one at a time on a scheduler
 * of its own. Thread-safe; disposing it ends the checks.
 */
final class EngineHealth implements Disposable {

    private static final Logger LOG = LoggerFactory.getLogger(EngineHealth.class);
    private static final Duration PACE = Duration.ofSeconds(10);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(60);
    /** Failures in a row up to which an engine counts as well. */
    private static final int TOLERATED = 3;

    private final Scheduler worker;
    private final Check check;
    private int failures;
    private @Nullable Disposable next;
    private boolean disposed;

    /** What is asked. */
    @FunctionalInterface
    interface Check {

        /** Returns when the engine answers. @throws SQLException when it does not */
        void run() throws SQLException;
    }

    EngineHealth(Scheduler worker, Check check) {
        this.worker = worker;
        this.check = check;
    }

    /** Begins with the checks. */
    void start() {
        schedule(PACE);
    }

    /** Has it checked now, for somebody saw it fail; while checks fail they keep their intervals. */
    void suspect() {
        if (status().failures() == 0) {
            schedule(Duration.ZERO);
        }
    }

    private synchronized void schedule(Duration delay) {
        if (disposed) {
            return;
        }
        if (next != null) {
            next.dispose();
        }
        next = worker.schedule(this::check, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void check() {
        int failed = 0;
        try {
            check.run();
        } catch (SQLException | RuntimeException e) {
            failed = status().failures() + 1;
            LOG.warn("the query engine does not answer, check {} in a row", failed, e);
        }
        if (count(failed)) {
            schedule(delay(failed));
        }
    }

    private synchronized boolean count(int failed) {
        failures = failed;
        return !disposed;
    }

    /** How long after a check the next one comes. */
    private static Duration delay(int failures) {
        if (failures == 0) {
            return PACE;
        }
        Duration retry = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 6));
        return retry.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : retry;
    }

    synchronized EngineStatus status() {
        return new EngineStatus(failures <= TOLERATED, failures);
    }

    @Override
    public synchronized void dispose() {
        disposed = true;
        if (next != null) {
            next.dispose();
        }
    }
}
