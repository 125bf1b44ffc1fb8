package io.weir.storage.duckdb;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.MeasurementSchema;
import java.math.BigInteger;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import org.apache.arrow.memory.BufferAllocator;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBPreparedStatement;
import org.duckdb.DuckDBResultSet;
import org.jspecify.annotations.Nullable;

/**
 * A session's own connection, fresh for its query: temporary views and registered hot rows vanish with it. Belongs to
 * the session's worker, except {@link #interrupt}, which any thread that may block may call.
 */
public final class SessionConnection {

    /** What the driver says when a streamed statement fails before its first row, hiding the reason. */
    private static final String HIDDEN_FAILURE = "Invalid result set";

    private final DuckDBConnection connection;
    private final HotTables hotTables;
    private final List<String> hotIds = new ArrayList<>();
    private @Nullable ResultCursor cursor;
    private volatile @Nullable Statement executing;
    private volatile boolean interrupted;

    SessionConnection(DuckDBConnection connection, HotTables hotTables) {
        this.connection = connection;
        this.hotTables = hotTables;
    }

    /** The first column of the first row, which must exist and is not null. */
    public String text(String sql, String parameter) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            begin(statement);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getString(1);
            } finally {
                executing = null;
            }
        }
    }

    /** The first row, which must exist and have whole numbers or nulls only. */
    public List<@Nullable Long> longs(String sql, List<@Nullable Object> parameters) throws SQLException {
        try (DuckDBPreparedStatement statement = prepare(sql, parameters)) {
            begin(statement);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                List<@Nullable Long> values = new ArrayList<>();
                for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
                    long value = result.getLong(column);
                    values.add(result.wasNull() ? null : value);
                }
                return values;
            } finally {
                executing = null;
            }
        }
    }

    /**
     * Shows a measurement under {@code viewName} for the rest of the session.
     *
     * @param columns which of its columns are shown; {@code time} always is
     * @param files absolute paths of its files, inside the data directories
     * @param hotBatches its rows that are in no file
     */
    public void bind(
            String viewName,
            MeasurementSchema schema,
            Predicate<String> columns,
            List<String> files,
            List<ColumnBatch> hotBatches)
            throws SQLException {
        String hotId = null;
        if (!hotBatches.isEmpty()) {
            hotId = hotTables.add(schema, hotBatches);
            hotIds.add(hotId);
        }
        String select = MeasurementView.select(schema, columns, files, hotId);
        try (Statement statement = connection.createStatement()) {
            begin(statement);
            statement.execute("CREATE TEMP VIEW " + SqlText.identifier(viewName) + " AS " + select);
        } finally {
            executing = null;
        }
    }

    /** Starts a statement; the cursor lives until the session is released. Takes ownership of {@code allocator}. */
    ResultCursor open(String sql, List<@Nullable Object> parameters, BufferAllocator allocator) throws SQLException {
        ResultCursor opened = null;
        DuckDBPreparedStatement statement = prepare(sql, parameters);
        try {
            begin(statement);
            opened = ResultCursor.of(statement, (DuckDBResultSet) statement.executeQuery(), allocator);
            cursor = opened;
            return opened;
        } catch (SQLException e) {
            boolean hidden = String.valueOf(e.getMessage()).endsWith(HIDDEN_FAILURE);
            throw hidden && !interrupted ? revealed(sql, parameters, e) : e;
        } finally {
            executing = null;
            if (opened == null) {
                statement.close();
                allocator.close();
            }
        }
    }

    /** The reason the driver hid: the chunk interface tells it, at the price of running the statement again. */
    private SQLException revealed(String sql, List<@Nullable Object> parameters, SQLException hidden) {
        try (DuckDBPreparedStatement again = prepare(sql, parameters)) {
            begin(again);
            again.query().close();
            return hidden; // it does not fail twice, so the reason is lost
        } catch (SQLException reason) {
            return reason;
        }
    }

    private DuckDBPreparedStatement prepare(String sql, List<@Nullable Object> parameters) throws SQLException {
        DuckDBPreparedStatement statement = (DuckDBPreparedStatement) connection.prepareStatement(sql);
        set(statement, parameters);
        return statement;
    }

    private static void set(DuckDBPreparedStatement statement, List<@Nullable Object> parameters) throws SQLException {
        for (int i = 0; i < parameters.size(); i++) {
            Object value = parameters.get(i);
            if (value instanceof BigInteger big) {
                statement.setBigInteger(i + 1, big);
            } else {
                statement.setObject(i + 1, value);
            }
        }
    }

    private void begin(Statement statement) {
        executing = statement;
        if (interrupted) {
            throw new CancellationException("the session is being taken back");
        }
    }

    /**
     * Stops what the connection does now and lets it start nothing more. A statement that is being executed is
     * cancelled; that has no effect while rows are fetched, where only closing the connection stops the engine. Returns
     * without waiting for the worker, which may miss one call in its first instant: call again until it has stopped.
     */
    void interrupt() throws SQLException {
        interrupted = true;
        Statement statement = executing;
        if (statement == null) {
            connection.close();
        } else if (!statement.isClosed()) {
            statement.cancel();
        }
    }

    /** Releases everything: result, views, connection, hot rows. */
    void close() throws Exception {
        try {
            if (cursor != null) {
                cursor.close();
            }
        } finally {
            hotIds.forEach(hotTables::remove);
            connection.close();
        }
    }
}
