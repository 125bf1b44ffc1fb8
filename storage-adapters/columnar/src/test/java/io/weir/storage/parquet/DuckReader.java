package io.weir.storage.parquet;

import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A DuckDB of its own for a test. */
final class DuckReader implements AutoCloseable {

    private final Connection connection;

    DuckReader() throws SQLException {
        connection = DriverManager.getConnection("jdbc:duckdb:");
        execute("SET TimeZone = 'UTC'");
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static String table(Path file) {
        return "read_parquet('" + file + "')";
    }

    /** Cells by row; columns in file order, like {@link Point#cells}. */
    List<List<Object>> rows(Path file) throws SQLException {
        return query("SELECT epoch_us(time), * EXCLUDE (time) FROM " + table(file));
    }

    List<List<Object>> query(String sql) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                Object[] cells = new Object[columns];
                for (int i = 0; i < columns; i++) {
                    cells[i] = cell(result.getObject(i + 1));
                }
                rows.add(Arrays.asList(cells));
            }
        }
        return rows;
    }

    /** The only cell of the only row. */
    Object value(String sql) throws SQLException {
        return query(sql).get(0).get(0);
    }

    private static Object cell(Object value) {
        if (value instanceof Short number) {
            return number.intValue();
        }
        if (value instanceof BigInteger number) {
            return number.longValue();
        }
        return value instanceof Double number ? "bits " + Double.doubleToLongBits(number) : value;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
