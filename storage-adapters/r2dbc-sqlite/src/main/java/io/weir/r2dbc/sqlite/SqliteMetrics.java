package io.weir.r2dbc.sqlite;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counters and gauges of one {@link SqliteConnectionFactory}, to be read by whatever meters the application.
 *
 * <p>A live view, safe to read from any thread. Counters only grow; gauges go to zero when everything is closed.
 */
public final class SqliteMetrics {
    private final LongAdder busyRetries = new LongAdder();
    private final LongAdder busyTimeouts = new LongAdder();
    private final LongAdder statementTimeouts = new LongAdder();
    private final LongAdder interrupts = new LongAdder();
    private final AtomicInteger openConnections = new AtomicInteger();
    private final AtomicInteger openStatements = new AtomicInteger();

    SqliteMetrics() {}

    /** How often a call found the database locked and was tried again. */
    public long busyRetries() {
        return busyRetries.sum();
    }

    /** How often the busy timeout ran out, and the caller got an error. */
    public long busyTimeouts() {
        return busyTimeouts.sum();
    }

    /** How often a statement was stopped by the statement timeout. */
    public long statementTimeouts() {
        return statementTimeouts.sum();
    }

    /** How often a running statement was told to stop, by a timeout, a cancel or a close. */
    public long interrupts() {
        return interrupts.sum();
    }

    /** Open SQLite connections, including the one that keeps an in-memory database alive. */
    public int openConnections() {
        return openConnections.get();
    }

    /** Prepared statements that are not finalised: running, or with rows left to read. */
    public int openStatements() {
        return openStatements.get();
    }

    void busyRetried() {
        busyRetries.increment();
    }

    void busyTimedOut() {
        busyTimeouts.increment();
    }

    void statementTimedOut() {
        statementTimeouts.increment();
    }

    void interrupted() {
        interrupts.increment();
    }

    void connectionOpened() {
        openConnections.incrementAndGet();
    }

    void connectionClosed() {
        openConnections.decrementAndGet();
    }

    void statementOpened() {
        openStatements.incrementAndGet();
    }

    void statementClosed() {
        openStatements.decrementAndGet();
    }
}
