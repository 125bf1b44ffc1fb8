package io.weir.standalone.server;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Rows of data files, read without the server; of one name a file never changes. */
final class ModelFiles implements AutoCloseable {

    private final Connection duck;
    private final Map<Path, List<ModelRow>> read = new HashMap<>();

    ModelFiles() {
        try {
            duck = DriverManager.getConnection("jdbc:duckdb:");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** @param select up to the name of the table, with columns of a row in order */
    List<ModelRow> rows(Path file, String select) {
        return read.computeIfAbsent(file, path -> readAll(path, select));
    }

    private List<ModelRow> readAll(Path file, String select) {
        List<ModelRow> rows = new ArrayList<>();
        try (Statement statement = duck.createStatement();
                ResultSet result =
                        statement.executeQuery(select + "read_parquet('" + file + "', hive_partitioning = false)")) {
            while (result.next()) {
                rows.add(new ModelRow(result.getLong(1), result.getString(2), result.getLong(3), result.getLong(4)));
            }
        } catch (SQLException e) {
            throw new AssertionError(file.toString(), e);
        }
        return rows;
    }

    @Override
    public void close() {
        try {
            duck.close();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
