package io.weir.r2dbc.sqlite;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;

/**
 * Lets any thread stop the statement that a connection is running now, and never the next one.
 *
 * <p>{@code sqlite3_interrupt} stops whatever the connection runs at that moment. So the worker says which run is in
 * SQLite, under the lock, before it goes in and after it comes out, and an interrupt for another run does nothing. SQLite
 * forgets an interrupt that comes just before the first step, so it is repeated until the run has come out. The lock is
 * held for nanoseconds only, never while SQLite works.
 */
final class InterruptGate {
    private static final Logger log = LoggerFactory.getLogger(InterruptGate.class);
    private static final Duration REPEAT = Duration.ofMillis(2);

    /** sqlite3_interrupt of one connection. */
    interface Interruptible {
        void interrupt() throws SQLException;
    }

    private final Interruptible database;
    private final Scheduler timer;
    private @Nullable StatementRun running;
    private boolean shut;

    InterruptGate(Interruptible database, Scheduler timer) {
        this.database = database;
        this.timer = timer;
    }

    /** The worker goes into SQLite; refused when the run was stopped or the connection is closing. */
    synchronized void enter(StatementRun run) {
        if (shut) {
            throw SqliteErrors.closed("connection");
        }
        run.refuseWhenStopped();
        running = run;
    }

    /** The worker came out of SQLite. */
    synchronized void leave() {
        running = null;
    }

    /** Interrupts the run until it has come out of SQLite; nothing when it is not in. Answers whether it was in. */
    boolean interrupt(StatementRun run) {
        synchronized (this) {
            if (running != run) {
                return false;
            }
            interruptDatabase();
        }
        timer.schedule(() -> interrupt(run), REPEAT.toMillis(), TimeUnit.MILLISECONDS);
        return true;
    }

    /** Lets no run in again, and interrupts the one that is in. */
    void shut() {
        StatementRun inside;
        synchronized (this) {
            shut = true;
            inside = running;
        }
        if (inside != null) {
            interrupt(inside);
        }
    }

    private void interruptDatabase() {
        try {
            database.interrupt();
        } catch (SQLException e) {
            // The native call has no failure; the signature is JDBC's.
            log.warn("cannot interrupt a statement", e);
        }
    }
}
