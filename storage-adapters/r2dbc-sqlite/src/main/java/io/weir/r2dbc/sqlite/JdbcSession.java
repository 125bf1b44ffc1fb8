package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConnection;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * A SQLite connection and all that is open on it. Belongs to the connection's worker: nothing but {@link #gate} may be
 * touched from another thread. Errors leave it as R2DBC's exceptions.
 */
final class JdbcSession {
    private static final Logger log = LoggerFactory.getLogger(JdbcSession.class);

    private final SQLiteConnection jdbc;
    private final SqliteMetrics metrics;
    private final InterruptGate gate;
    private final TransactionControl transaction;
    private final String version;
    private final Set<Cursor> cursors = new LinkedHashSet<>();
    private boolean open = true;

    JdbcSession(SQLiteConnection jdbc, SqliteMetrics metrics, Scheduler timer, boolean readOnly) throws SQLException {
        this.jdbc = jdbc;
        this.metrics = metrics;
        this.gate = new InterruptGate(jdbc.getDatabase()::interrupt, timer);
        this.transaction = new TransactionControl(this, readOnly);
        this.version = jdbc.libversion();
        metrics.connectionOpened();
    }

    InterruptGate gate() {
        return gate;
    }

    TransactionControl transaction() {
        return transaction;
    }

    String version() {
        return version;
    }

    /**
     * Runs one statement up to its first row, or to its end when it has none.
     *
     * @param owner the call that runs it; cursors that others opened and nobody reads are closed first
     */
    SqliteResult execute(
            SqlPart part, @Nullable Object[] values, StatementRun run, Object owner, ConnectionWorker worker) {
        requireOpen();
        transaction.requireUsable();
        closeCursors(
                cursor -> cursor.isAbandoned(owner),
                "the result was closed: another statement ran before it was consumed");
        Disposable watch = run.watch();
        try {
            return start(part, values, run, owner, worker);
        } catch (R2dbcException e) {
            // Out of the gate here: a late interrupt must not hit what this runs.
            afterFailure(e);
            throw e;
        } finally {
            watch.dispose();
        }
    }

    private SqliteResult start(
            SqlPart part, @Nullable Object[] values, StatementRun run, Object owner, ConnectionWorker worker) {
        run.enter();
        PreparedStatement statement = null;
        try {
            statement = prepare(part.sql());
            bind(statement, part, values);
            if (statement.execute()) {
                Cursor cursor = new Cursor(this, part, run, owner, statement);
                cursors.add(cursor);
                return SqliteResult.ofRows(cursor, worker);
            }
            long changes = part.changesRows() ? changes() : SqliteResult.NO_COUNT;
            close(statement);
            return SqliteResult.ofCount(changes);
        } catch (SQLException e) {
            close(statement);
            boolean wrongSql = statement == null && SqliteErrors.isGrammar(e);
            throw wrongSql ? SqliteErrors.badGrammar(e, part.sql()) : run.explain(e, part.sql());
        } finally {
            run.leave();
        }
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = jdbc.prepareStatement(sql);
        metrics.statementOpened();
        return statement;
    }

    private static void bind(PreparedStatement statement, SqlPart part, @Nullable Object[] values) throws SQLException {
        List<Integer> slots = part.slots();
        for (int i = 0; i < slots.size(); i++) {
            int slot = slots.get(i);
            statement.setObject(i + 1, slot < 0 ? null : values[slot]);
        }
    }

    /** Rows changed by the statement that ended last. */
    long changes() throws SQLException {
        return jdbc.getDatabase().changes();
    }

    /** Runs a command of the driver's own, such as BEGIN. Not interruptible. */
    void command(String sql) {
        requireOpen();
        try (Statement statement = jdbc.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw SqliteErrors.running(e, sql);
        }
    }

    /** Puts the connection in order after a failed statement. */
    void afterFailure(R2dbcException failure) {
        if (failure.getErrorCode() == SqliteErrors.INTERRUPT) {
            // SQLite goes on refusing statements as long as one that it interrupted is open.
            closeCursors(cursor -> true, "another statement of the connection was stopped");
        }
        transaction.afterFailure(failure);
    }

    void closeCursors(Predicate<Cursor> which, String reason) {
        if (cursors.isEmpty()) {
            return;
        }
        for (Cursor cursor : List.copyOf(cursors)) {
            if (which.test(cursor)) {
                cursor.closeBecause(new R2dbcTransientResourceException(reason));
            }
        }
    }

    void close(Cursor cursor, PreparedStatement statement) {
        cursors.remove(cursor);
        close(statement);
    }

    private void close(@Nullable PreparedStatement statement) {
        if (statement == null) {
            return;
        }
        metrics.statementClosed();
        try {
            statement.close();
        } catch (SQLException e) {
            // sqlite3_finalize repeats the error of the last step, which was reported when it happened.
            log.debug("closed a statement that had failed: {}", e.getMessage());
        }
    }

    /** Makes the connection as new: no cursor, no transaction. */
    void reset() {
        requireOpen();
        closeCursors(cursor -> true, "the connection was released");
        transaction.reset();
    }

    boolean isValid() {
        if (!open) {
            return false;
        }
        try {
            command("SELECT 1");
            return true;
        } catch (R2dbcException e) {
            log.warn("connection is not valid: {}", e.getMessage());
            return false;
        }
    }

    /** Closes everything; an open transaction is rolled back by SQLite. Idempotent. */
    void close() {
        if (!open) {
            return;
        }
        closeCursors(cursor -> true, "connection is closed");
        open = false;
        metrics.connectionClosed();
        try {
            jdbc.close();
        } catch (SQLException e) {
            throw SqliteErrors.running(e, null);
        }
    }

    private void requireOpen() {
        if (!open) {
            throw SqliteErrors.closed("connection");
        }
    }
}
