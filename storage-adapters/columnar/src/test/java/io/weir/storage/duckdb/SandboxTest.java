package io.weir.storage.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine's own fence, with no planner in front of it: a raw connection, as if every check of SQL were gone. */
class SandboxTest {

    @TempDir
    static Path directory;

    private static DuckDbInstance instance;

    @BeforeAll
    static void open() throws Exception {
        Files.createDirectories(directory.resolve("data"));
        Files.createDirectories(directory.resolve("data_evil"));
        Files.writeString(directory.resolve("data_evil/x.csv"), "a\n1\n");
        Files.writeString(directory.resolve("outside.csv"), "a\n1\n");
        Files.createSymbolicLink(directory.resolve("data/link.csv"), directory.resolve("outside.csv"));
        Files.writeString(directory.resolve("data/inside.csv"), "a\n42\n");
        instance = DuckDbInstance.open(
                Engines.settings(directory, 1, 1, Duration.ofSeconds(1)), directory.resolve("spill"));
    }

    @AfterAll
    static void close() {
        instance.close();
    }

    private static void run(String sql) throws SQLException {
        try (Connection connection = instance.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql.replace("$DIR", directory.toString()));
            ResultSet result = statement.getResultSet();
            if (result != null) {
                result.next();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = { // lessons 51, 54
                "SELECT * FROM read_csv('/etc/passwd')",
                "SELECT * FROM read_text('/etc/passwd')",
                "SELECT * FROM read_blob('/etc/passwd')",
                "SELECT * FROM '/etc/passwd'",
                "SELECT * FROM 'file:///etc/passwd'",
                "SELECT * FROM '$DIR/outside.csv'",
                "SELECT * FROM '$DIR/data/../outside.csv'",
                "SELECT * FROM '$DIR/data/link.csv'",
                "SELECT * FROM '$DIR/data_evil/x.csv'",
                "SELECT * FROM read_parquet('http://localhost:1/x.parquet')",
                "SELECT * FROM parquet_metadata('/etc/passwd')",
                "SELECT * FROM sniff_csv('/etc/passwd')",
                "SELECT * FROM weir_hot('0')",
                "COPY (SELECT 1) TO '$DIR/x.csv'",
                "COPY (SELECT 1) TO '/dev/stdout'",
                "EXPORT DATABASE '$DIR/exported'",
                "ATTACH '$DIR/other.db'",
                "INSTALL httpfs",
                "LOAD httpfs",
                "LOAD '$DIR/data/x.duckdb_extension'",
                "SET threads = 1",
                "SET memory_limit = '10GB'",
                "SET TimeZone = 'America/New_York'",
                "SET enable_external_access = true",
                "SET allowed_directories = ['/']",
                "SET lock_configuration = false",
                "RESET lock_configuration",
                "PRAGMA enable_profiling",
                "CREATE SECRET s (TYPE s3)",
                "CALL enable_logging(storage = 'file', storage_config = {'path': '$DIR/log'})",
            })
    void nothingOutsideIsReachedAndNothingIsChanged(String sql) {
        assertThatThrownBy(() -> run(sql)).isInstanceOf(SQLException.class);
    }

    @Test
    void globSeesNothingOutside() throws SQLException {
        try (Connection connection = instance.connect();
                Statement statement = connection.createStatement()) {
            try (var result = statement.executeQuery("SELECT count(*) FROM glob('" + directory + "/*.csv')")) {
                result.next();
                assertThat(result.getLong(1)).isZero();
            } catch (SQLException refused) {
                assertThat(refused.getMessage()).contains("Permission");
            }
        }
    }

    @Test
    void dataDirectoriesAreReadable() throws SQLException {
        run("SELECT * FROM '$DIR/data/inside.csv'");
    }
}
