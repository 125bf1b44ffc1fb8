package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.ConnectionFactoryProvider;
import io.r2dbc.spi.Option;
import java.time.Duration;
import reactor.core.scheduler.Scheduler;

/**
 * Finds this driver for R2DBC URLs and options: {@code r2dbc:sqlite:file:///data/app.db}, {@code r2dbc:sqlite:mem:///name}.
 *
 * <p>Stateless. An option that the driver does not know is an {@link IllegalArgumentException}, except those of
 * r2dbc-pool, which passes its own on.
 */
public final class SqliteConnectionFactoryProvider implements ConnectionFactoryProvider {
    /** The driver's name in URLs and options. */
    public static final String DRIVER = "sqlite";

    /** The database file as the operating system knows it; relative paths are allowed. Instead of the URL's path. */
    public static final Option<String> PATH = Option.valueOf("path");

    /** How long a call waits for another connection's lock; {@link ConnectionFactoryOptions#LOCK_WAIT_TIMEOUT} is a synonym. */
    public static final Option<Duration> BUSY_TIMEOUT = Option.valueOf("busyTimeout");

    /** {@link SqliteConnectionConfiguration#journalMode()}. */
    public static final Option<JournalMode> JOURNAL_MODE = Option.valueOf("journalMode");

    /** {@link SqliteConnectionConfiguration#synchronous()}. */
    public static final Option<SynchronousMode> SYNCHRONOUS = Option.valueOf("synchronous");

    /** {@link SqliteConnectionConfiguration#foreignKeys()}. */
    public static final Option<Boolean> FOREIGN_KEYS = Option.valueOf("foreignKeys");

    /** {@link SqliteConnectionConfiguration#readOnly()}. */
    public static final Option<Boolean> READ_ONLY = Option.valueOf("readOnly");

    /** {@link SqliteConnectionConfiguration#threads()}. */
    public static final Option<Integer> THREADS = Option.valueOf("threads");

    /** {@link SqliteConnectionConfiguration#scheduler()}; not for URLs. */
    public static final Option<Scheduler> SCHEDULER = Option.valueOf("scheduler");

    @Override
    public SqliteConnectionFactory create(ConnectionFactoryOptions options) {
        return new SqliteConnectionFactory(new FactoryOptionsReader(options).read());
    }

    @Override
    public boolean supports(ConnectionFactoryOptions options) {
        return DRIVER.equals(options.getValue(ConnectionFactoryOptions.DRIVER));
    }

    @Override
    public String getDriver() {
        return DRIVER;
    }
}
