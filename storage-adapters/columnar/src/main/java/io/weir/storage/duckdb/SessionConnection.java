package io.weir.storage.duckdb;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.MeasurementSchema;
import java.math.BigInteger;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
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
    private final SessionViews views = new SessionViews();
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

    /** Shows rows of all times of a measurement; otherwise like the other. */
    public void bind(
            String viewName,
            MeasurementSchema schema,
            Predicate<String> columns,
            List<FileRows> files,
            List<ColumnBatch> hotBatches) {
        bind(viewName, schema, columns, files, hotBatches, TimeRange.ALL);
    }

    /**
     * Shows a measurement under {@code viewName} to the statement to come.
     *
     * @param columns which of its columns are shown; the time always is
     * @param files its files
     * @param hotBatches its rows that are in no file
     * @param times times of the rows that it shows
     */
    public void bind(
            String viewName,
            MeasurementSchema schema,
            Predicate<String> columns,
            List<FileRows> files,
            List<ColumnBatch> hotBatches,
            TimeRange times) {
        String hotId = null;
        if (!hotBatches.isEmpty()) {
            hotId = hotTables.add(schema, hotBatches);
            hotIds.add(hotId);
        }
        views.add(viewName, MeasurementView.within(times, MeasurementView.select(schema, columns, files, hotId)));
    }

    /**
     * Which rows of a file of a measurement are deleted.
     *
     * @param file absolute path, inside the data directories
     * @param predicates SQL over the measurement's columns
     * @return numbers of the rows, in the order of the file, for which one of them is true
     */
    public BitSet deletedRows(MeasurementSchema schema, String file, List<String> predicates) throws SQLException {
        BitSet deleted = new BitSet();
        try (Statement statement = connection.createStatement()) {
            begin(statement);
            String sql = MeasurementView.deletedRows(schema, column -> true, file, predicates);
            try (ResultSet result = statement.executeQuery(sql)) {
                while (result.next()) {
                    deleted.set(Math.toIntExact(result.getLong(1)));
                }
            }
            return deleted;
        } finally {
            executing = null;
        }
    }

    /**
     * For how many rows of a file of a measurement a predicate is true, of those that are not deleted.
     *
     * @param file absolute path, inside the data directories
     * @param deleted predicates of the rows that are deleted
     */
    public long countRows(MeasurementSchema schema, String file, String predicate, List<String> deleted)
            throws SQLException {
        Long rows = longs(MeasurementView.countRows(schema, file, predicate, deleted), List.of())
                .get(0);
        return rows == null ? 0 : rows;
    }

    /** Whether those predicates, which name no other column than the time, are true at every one of those times, in UTC microseconds. */
    public boolean isDeletedAt(List<Long> timesMicros, List<String> predicates) throws SQLException {
        Long all = longs(MeasurementView.allDeleted(timesMicros, predicates), List.of())
                .get(0);
        return all != null && all == 1;
    }

    /** Starts a statement; the cursor lives until the session is released. Takes ownership of {@code allocator}. */
    ResultCursor open(String sql, List<@Nullable Object> parameters, BufferAllocator allocator) throws SQLException {
        ResultCursor opened = null;
        try {
            opened = start(sql, parameters, allocator);
            cursor = opened;
            return opened;
        } finally {
            if (opened == null) {
                allocator.close();
            }
        }
    }

    private ResultCursor start(String sql, List<@Nullable Object> parameters, BufferAllocator allocator)
            throws SQLException {
        String whole = views.before(sql);
        DuckDBPreparedStatement statement = whole == null ? null : prepareIfItCan(whole, parameters);
        if (whole != null && statement != null) {
            try {
                return execute(statement, whole, parameters, allocator);
            } catch (SQLException e) {
                if (interrupted || !tellsPosition(e)) {
                    throw e;
                }
            }
        }
        for (String view : views.create()) {
            run(view);
        }
        return execute(prepare(sql, parameters), sql, parameters, allocator);
    }

    /** Null when the statement is wrong: what is, the engine shall say of the one that was sent. */
    private @Nullable DuckDBPreparedStatement prepareIfItCan(String sql, List<@Nullable Object> parameters)
            throws SQLException {
        try {
            return prepare(sql, parameters);
        } catch (SQLException e) {
            if (interrupted) {
                throw e;
            }
            return null;
        }
    }

    /** Whether a failure points into the text of the statement, which must then be the one that was sent. */
    private static boolean tellsPosition(SQLException failure) {
        return String.valueOf(failure.getMessage()).contains("\"position\"");
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            begin(statement);
            statement.execute(sql);
        } finally {
            executing = null;
        }
    }

    private ResultCursor execute(
            DuckDBPreparedStatement statement, String sql, List<@Nullable Object> parameters, BufferAllocator allocator)
            throws SQLException {
        ResultCursor opened = null;
        try {
            begin(statement);
            opened = ResultCursor.of(statement, (DuckDBResultSet) statement.executeQuery(), allocator);
            return opened;
        } catch (SQLException e) {
            boolean hidden = String.valueOf(e.getMessage()).endsWith(HIDDEN_FAILURE);
            throw hidden && !interrupted ? revealed(sql, parameters, e) : e;
        } finally {
            executing = null;
            if (opened == null) {
                statement.close();
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
