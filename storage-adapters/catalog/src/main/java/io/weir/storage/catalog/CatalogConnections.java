package io.weir.storage.catalog;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.pool.PoolMetrics;
import io.r2dbc.postgresql.PostgresqlConnectionFactoryProvider;
import io.r2dbc.spi.Closeable;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import io.weir.common.observe.StageTimer;
import io.weir.r2dbc.sqlite.SqliteConnectionConfiguration;
import io.weir.r2dbc.sqlite.SqliteConnectionFactory;
import io.weir.r2dbc.sqlite.SqliteMetrics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * The bounded pool of connections a catalog runs on, and the driver below it. Owns both. Thread-safe.
 */
public final class CatalogConnections implements Closeable {

    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);
    private static final int STEPS_TO_CONNECT = 2; // a connection, then who we are

    private final ConnectionPool pool;
    private final MeasuredPool measured;
    private final @Nullable SqliteMetrics sqlite;
    private final Publisher<Void> closeDriver;

    private CatalogConnections(
            ConnectionPoolConfiguration.Builder pool,
            PoolLimits limits,
            Publisher<Void> closeDriver,
            @Nullable SqliteMetrics sqlite) {
        this.pool = new ConnectionPool(pool.name("catalog")
                .maxSize(limits.connections())
                .customizer(builder -> builder.maxPendingAcquire(limits.pending()))
                .maxAcquireTime(limits.acquireTimeout())
                .maxIdleTime(limits.idleTime())
                .maxLifeTime(limits.lifeTime())
                .build());
        this.measured = new MeasuredPool(this.pool);
        this.sqlite = sqlite;
        this.closeDriver = closeDriver;
    }

    /**
     * Connections to a SQLite file in write-ahead mode, durable at every commit.
     *
     * @param file database file; made when missing
     * @param connections most connections at once
     */
    public static CatalogConnections sqlite(Path file, int connections) {
        return sqlite(file, PoolLimits.of(connections));
    }

    /** As above, with all limits; making a connection has no limit of its own. */
    public static CatalogConnections sqlite(Path file, PoolLimits limits) {
        SqliteConnectionFactory driver = SqliteConnectionFactory.of(SqliteConnectionConfiguration.builder()
                .path(file)
                .busyTimeout(BUSY_TIMEOUT)
                .statementTimeout(limits.statementTimeout())
                .build());
        return new CatalogConnections(
                ConnectionPoolConfiguration.builder(driver).initialSize(1), limits, driver.close(), driver.metrics());
    }

    /**
     * Connections to a PostgreSQL. None is made before it is needed.
     *
     * @param options server, database, credentials, and whatever else the driver knows
     */
    public static CatalogConnections postgres(ConnectionFactoryOptions options, PoolLimits limits) {
        ConnectionFactory driver = new PostgresqlConnectionFactoryProvider()
                .create(options.mutate()
                        .option(ConnectionFactoryOptions.CONNECT_TIMEOUT, limits.connectTimeout())
                        .option(ConnectionFactoryOptions.STATEMENT_TIMEOUT, limits.statementTimeout())
                        .option(Option.valueOf("applicationName"), "weir")
                        .option(PostgresqlConnectionFactoryProvider.TCP_KEEPALIVE, true)
                        .build());
        return new CatalogConnections(
                ConnectionPoolConfiguration.builder(new DeadlineConnectionFactory(driver, limits.statementTimeout()))
                        .initialSize(0)
                        .maxCreateConnectionTime(limits.connectTimeout().multipliedBy(STEPS_TO_CONNECT)),
                limits,
                Mono.empty(),
                null);
    }

    /** The pool, as R2DBC clients take it. */
    public ConnectionFactory factory() {
        return measured;
    }

    /** How long operations take. */
    public List<StageTimer> timers() {
        return measured.timers();
    }

    /** Times a call found the database locked and was tried again; 0 where it has no such locks. */
    public long locked() {
        return sqlite == null ? 0 : sqlite.busyRetries();
    }

    /** Times a call found it locked for so long that it failed. */
    public long lockedTooLong() {
        return sqlite == null ? 0 : sqlite.busyTimeouts();
    }

    /** Connections handed out now. */
    public int acquired() {
        return pool.getMetrics().map(PoolMetrics::acquiredSize).orElse(0);
    }

    /** Connections that are open and unused. */
    public int idle() {
        return pool.getMetrics().map(PoolMetrics::idleSize).orElse(0);
    }

    /** Operations that wait for a connection. */
    public int pending() {
        return pool.getMetrics().map(PoolMetrics::pendingAcquireSize).orElse(0);
    }

    /** Most connections at once. */
    public int max() {
        return pool.getMetrics().map(PoolMetrics::getMaxAllocatedSize).orElse(0);
    }

    /** Closes the pool, then the driver and its threads. */
    @Override
    public Mono<Void> close() {
        return pool.disposeLater().then(Mono.from(closeDriver));
    }
}
