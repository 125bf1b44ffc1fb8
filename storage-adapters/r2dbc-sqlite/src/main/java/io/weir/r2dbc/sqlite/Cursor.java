package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.R2dbcException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A statement with rows left to read. Open until the last row, an error, a cancel, or a close by its session; used by
 * the worker only, but for {@link #claim} and {@link #cancel}.
 */
final class Cursor {
    private final JdbcSession session;
    private final SqlPart part;
    private final StatementRun run;
    private final Object owner;
    private final PreparedStatement statement;
    private final ResultSet rows;
    private final SqliteRowMetadata metadata;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private boolean open = true;
    private @Nullable R2dbcException closedBy;
    private long changes;

    /** Takes ownership of {@code statement}, which has been stepped once. */
    Cursor(JdbcSession session, SqlPart part, StatementRun run, Object owner, PreparedStatement statement)
            throws SQLException {
        this.session = session;
        this.part = part;
        this.run = run;
        this.owner = owner;
        this.statement = statement;
        this.rows = statement.getResultSet();
        this.metadata = SqliteRowMetadata.read(rows);
    }

    /** Makes the caller the one who reads it; false when somebody did before. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /** Whether nobody reads it, and it was not opened by {@code current}. */
    boolean isAbandoned(Object current) {
        return !owner.equals(current) && !claimed.get();
    }

    boolean returnsChangedRows() {
        return part.returning();
    }

    /** How many rows the statement changed; known after the last row. */
    long changes() {
        return changes;
    }

    StatementRun run() {
        return run;
    }

    /** The next row, or null after the last, when the cursor is closed. */
    @Nullable
    SqliteRow next() {
        if (closedBy != null) {
            throw closedBy;
        }
        if (!open) {
            return null;
        }
        try {
            return step();
        } catch (SQLException e) {
            R2dbcException failure = run.explain(e, part.sql());
            close();
            session.afterFailure(failure);
            throw failure;
        } catch (R2dbcException e) {
            close();
            throw e;
        }
    }

    private @Nullable SqliteRow step() throws SQLException {
        run.enter();
        try {
            if (rows.next()) {
                return read();
            }
            changes = session.changes();
        } finally {
            run.leave();
        }
        close();
        return null;
    }

    private SqliteRow read() throws SQLException {
        @Nullable Object[] values = new Object[metadata.getColumnMetadatas().size()];
        for (int i = 0; i < values.length; i++) {
            Object value = rows.getObject(i + 1);
            values[i] = value instanceof Integer number ? Long.valueOf(number) : value;
        }
        return new SqliteRow(metadata, values);
    }

    /** Stops a read in progress; the worker still has to close the cursor. */
    void cancel() {
        run.cancel();
    }

    void close() {
        if (open) {
            open = false;
            session.close(this, statement);
        }
    }

    /** Closes it under its reader, who gets {@code reason} at the next read. */
    void closeBecause(R2dbcException reason) {
        if (open) {
            closedBy = reason;
            close();
        }
    }
}
