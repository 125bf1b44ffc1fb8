package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.R2dbcNonTransientResourceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import reactor.core.scheduler.Scheduler;

/** Opens SQLite connections as configured. Called on a worker. */
final class SessionOpener {
    private final SqliteConnectionConfiguration configuration;
    private final SqliteMetrics metrics;
    private final Scheduler timer;

    SessionOpener(SqliteConnectionConfiguration configuration, SqliteMetrics metrics, Scheduler timer) {
        this.configuration = configuration;
        this.metrics = metrics;
        this.timer = timer;
    }

    /** An open connection; a {@link SqliteBusyException} when setting it up needs a lock that another one holds. */
    JdbcSession open() {
        try {
            SQLiteConnection jdbc = connect();
            try {
                setUp(jdbc);
                return new JdbcSession(jdbc, metrics, timer, configuration.readOnly());
            } catch (SQLException | RuntimeException e) {
                jdbc.close();
                throw e;
            }
        } catch (SQLException e) {
            throw SqliteErrors.opening(e, configuration.location());
        }
    }

    private SQLiteConnection connect() throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(configuration.readOnly());
        // The driver waits for locks by itself, without holding the thread.
        config.setBusyTimeout(0);
        return (SQLiteConnection)
                config.createConnection(configuration.location().jdbcUrl());
    }

    private void setUp(SQLiteConnection jdbc) throws SQLException {
        try (Statement statement = jdbc.createStatement()) {
            statement.execute("PRAGMA foreign_keys = " + (configuration.foreignKeys() ? "ON" : "OFF"));
            statement.execute("PRAGMA synchronous = " + configuration.synchronous());
            if (configuration.location() instanceof DatabaseLocation.OnDisk && !configuration.readOnly()) {
                setJournalMode(statement);
            }
        }
    }

    /** SQLite answers the mode it uses, which is another when the file system cannot do what was asked. */
    private void setJournalMode(Statement statement) throws SQLException {
        JournalMode wanted = configuration.journalMode();
        try (ResultSet answer = statement.executeQuery("PRAGMA journal_mode = " + wanted)) {
            String mode = answer.next() ? answer.getString(1) : "nothing";
            if (!mode.toUpperCase(Locale.ROOT).equals(wanted.name())) {
                throw new R2dbcNonTransientResourceException("journal mode of " + configuration.location() + " is \""
                        + mode + "\" (expected: " + wanted + ", as option journalMode says)");
            }
        }
    }
}
