package io.weir.storage.duckdb;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import org.duckdb.DuckDBConnection;

/**
 * One in-memory DuckDB, locked: no extension is fetched, no file outside the data directories is opened, and no
 * configuration can change any more. Thread-safe. Closed by its owner after all its connections.
 */
final class DuckDbInstance implements AutoCloseable {

    /** Operators in one another. The engine takes several frames of the calling thread's stack for each: {@link SessionSlot}. */
    private static final int DEEPEST_EXPRESSION = 1_500;

    private static final int CHECK_SECONDS = 10;

    private final DuckDBConnection root;
    private final HotTables hotTables;

    private DuckDbInstance(DuckDBConnection root, HotTables hotTables) {
        this.root = root;
        this.hotTables = hotTables;
    }

    /**
     * Opens and locks an instance.
     *
     * @param spillDirectory where it alone keeps what does not fit in memory
     * @throws WeirException {@code configuration} when the engine refuses a setting
     */
    static DuckDbInstance open(DuckDbSettings settings, Path spillDirectory) {
        SpillDirectory.prepare(spillDirectory);
        HotTables hotTables = new HotTables();
        try {
            DuckDBConnection root = DriverManager.getConnection("jdbc:duckdb:", properties(settings, spillDirectory))
                    .unwrap(DuckDBConnection.class);
            HotRowsFunction.register(root, hotTables, settings.threads());
            FastTimeFunctions.register(root);
            lock(root, settings);
            return new DuckDbInstance(root, hotTables);
        } catch (SQLException e) {
            throw new WeirException(CommonError.CONFIGURATION, "the query engine does not start", e);
        }
    }

    private static Properties properties(DuckDbSettings settings, Path spillDirectory) {
        Properties properties = new Properties();
        properties.setProperty("jdbc_stream_results", "true");
        properties.setProperty("autoinstall_known_extensions", "false");
        properties.setProperty("autoload_known_extensions", "false");
        properties.setProperty("allow_community_extensions", "false");
        properties.setProperty("temp_directory", spillDirectory.toString());
        properties.setProperty("memory_limit", settings.memoryLimitBytes() + "B");
        properties.setProperty("threads", Integer.toString(settings.threads()));
        return properties;
    }

    private static void lock(DuckDBConnection root, DuckDbSettings settings) throws SQLException {
        List<String> directories =
                settings.dataDirectories().stream().map(Path::toString).toList();
        try (Statement statement = root.createStatement()) {
            statement.execute("SET GLOBAL TimeZone = 'UTC'");
            statement.execute("SET GLOBAL errors_as_json = true");
            statement.execute("SET GLOBAL parquet_metadata_cache = true"); // files never change once written
            // It takes the cube of the length of a chain of operators, and saves computing something twice.
            statement.execute("SET disabled_optimizers = 'common_subexpressions'");
            statement.execute("SET max_expression_depth = " + DEEPEST_EXPRESSION);
            statement.execute("SET max_temp_directory_size = '" + settings.spillLimitBytes() + "B'");
            statement.execute("SET allowed_directories = " + SqlText.list(directories));
            statement.execute("SET enable_external_access = false");
            statement.execute("SET lock_configuration = true");
        }
    }

    /** A connection of its own to this instance; the caller closes it. */
    DuckDBConnection connect() throws SQLException {
        return root.duplicate();
    }

    /** Returns when the instance answers a statement. @throws SQLException when it does not, or not in time */
    void check() throws SQLException {
        try (DuckDBConnection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(CHECK_SECONDS);
            statement.execute("SELECT 1");
        }
    }

    /** The hot rows that queries of this instance can name. */
    HotTables hotTables() {
        return hotTables;
    }

    @Override
    public void close() {
        try {
            root.close();
        } catch (SQLException e) {
            throw new WeirException(CommonError.INTERNAL, "the query engine does not close", e);
        }
    }
}
