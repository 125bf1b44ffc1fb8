package io.weir.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Parquet files of a writer that is not Weir: DuckDB. */
final class Parquet {

    private Parquet() {}

    /** Writes the rows of a query to a file, in row groups of 20480. */
    static Path write(Path file, String select) {
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            statement.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet, ROW_GROUP_SIZE 20480)");
            return file;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As {@link #write}, and reads it. */
    static byte[] bytes(Path file, String select) {
        try {
            return Files.readAllBytes(write(file, select));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
