package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcRollbackException;
import org.jspecify.annotations.Nullable;

/**
 * The transaction of one connection: begun, ended and kept in step with SQLite, which ends one by itself after some
 * errors (an interrupted write, a full disk). Belongs to the connection's worker; only {@link #isActive} is for all.
 *
 * <p>After SQLite has rolled back, statements are refused until the caller rolls back too. Else they would run, and
 * commit, one by one.
 */
final class TransactionControl {
    private enum State {
        NONE,
        ACTIVE,
        ABORTED
    }

    private final JdbcSession session;
    private final boolean readOnlyConnection;
    private volatile State state = State.NONE;
    private boolean queryOnly;
    private @Nullable R2dbcException abortedBy;

    TransactionControl(JdbcSession session, boolean readOnlyConnection) {
        this.session = session;
        this.readOnlyConnection = readOnlyConnection;
    }

    /** Whether the caller has a transaction to end. Any thread. */
    boolean isActive() {
        return state != State.NONE;
    }

    /** Begins a transaction unless there is one. A writing one takes the write lock at once, so it cannot fail halfway. */
    void begin(Access access) {
        if (isActive()) {
            return;
        }
        // The snapshot of a result that nobody reads would be too old for a writer.
        session.closeCursors(cursor -> cursor.isAbandoned(this), "a transaction began before the result was consumed");
        boolean writes = access == Access.WRITE && !readOnlyConnection;
        session.command(writes ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED");
        state = State.ACTIVE;
        if (access == Access.READ) {
            queryOnly = true;
            session.command("PRAGMA query_only = 1");
        }
    }

    /** What a transaction may do. */
    enum Access {
        READ,
        WRITE
    }

    /** Commits; nothing without a transaction. When it throws, the transaction is still there: roll back. */
    void commit() {
        if (!isActive()) {
            return;
        }
        requireUsable();
        // SQLite does not commit while a statement that writes is open.
        session.closeCursors(
                cursor -> cursor.returnsChangedRows() || cursor.isAbandoned(this), "the transaction was committed");
        session.command("COMMIT");
        end();
    }

    /** Rolls back; nothing without a transaction. */
    void rollback() {
        if (!isActive()) {
            return;
        }
        session.closeCursors(cursor -> true, "the transaction was rolled back");
        try {
            if (state == State.ACTIVE) {
                session.command("ROLLBACK");
            }
        } finally {
            end();
        }
    }

    void createSavepoint(String name) {
        begin(Access.WRITE);
        requireUsable();
        session.command("SAVEPOINT " + SqlPart.quoted(name));
    }

    void releaseSavepoint(String name) {
        requireUsable();
        session.command("RELEASE SAVEPOINT " + SqlPart.quoted(name));
    }

    void rollbackToSavepoint(String name) {
        requireUsable();
        session.closeCursors(cursor -> true, "the transaction was rolled back to savepoint " + name);
        session.command("ROLLBACK TO SAVEPOINT " + SqlPart.quoted(name));
    }

    /** Refuses to go on in a transaction that SQLite has rolled back. */
    void requireUsable() {
        R2dbcException cause = abortedBy;
        if (state == State.ABORTED && cause != null) {
            throw new R2dbcRollbackException(
                    "SQLite rolled the transaction back (expected: rollback, then a new transaction), because: "
                            + cause.getMessage(),
                    "40001",
                    cause.getErrorCode(),
                    cause.getSql(),
                    cause);
        }
    }

    void afterFailure(R2dbcException failure) {
        if (state == State.ACTIVE && !isOpenInSqlite()) {
            state = State.ABORTED;
            abortedBy = failure;
        }
    }

    /** Ends whatever transaction there is, also one begun by the caller's own SQL. */
    void reset() {
        if (isActive()) {
            rollback();
        } else if (isOpenInSqlite()) {
            session.command("ROLLBACK");
        }
    }

    /** sqlite-jdbc does not tell (sqlite3_get_autocommit), but SQLite refuses a BEGIN inside a transaction. */
    private boolean isOpenInSqlite() {
        try {
            session.command("BEGIN DEFERRED");
        } catch (SqliteException e) {
            return true;
        }
        session.command("ROLLBACK");
        return false;
    }

    private void end() {
        state = State.NONE;
        abortedBy = null;
        if (queryOnly) {
            queryOnly = false;
            session.command("PRAGMA query_only = 0");
        }
    }
}
