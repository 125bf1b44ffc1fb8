package io.weir.storage.catalog;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.spi.Closeable;
import io.r2dbc.spi.ConnectionFactory;
import io.weir.r2dbc.sqlite.SqliteConnectionConfiguration;
import io.weir.r2dbc.sqlite.SqliteConnectionFactory;
import java.nio.file.Path;
import java.time.Duration;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * The bounded pool of connections a catalog runs on, and the driver below it. Owns both. Thread-safe.
 */
public final class CatalogConnections implements Closeable {

    private static final Duration ACQUIRE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration MAX_IDLE = Duration.ofMinutes(10);

    private final ConnectionPool pool;
    private final Publisher<Void> closeDriver;

    private CatalogConnections(ConnectionPool pool, Publisher<Void> closeDriver) {
        this.pool = pool;
        this.closeDriver = closeDriver;
    }

    /**
     * Connections to a SQLite file in write-ahead mode, durable at every commit.
     *
     * @param file database file; made when missing
     * @param connections most connections at once
     */
    public static CatalogConnections sqlite(Path file, int connections) {
        SqliteConnectionFactory driver = SqliteConnectionFactory.of(SqliteConnectionConfiguration.builder()
                .path(file)
                .busyTimeout(BUSY_TIMEOUT)
                .statementTimeout(STATEMENT_TIMEOUT)
                .build());
        ConnectionPool pool = new ConnectionPool(ConnectionPoolConfiguration.builder(driver)
                .name("catalog")
                .initialSize(1)
                .maxSize(connections)
                .maxAcquireTime(ACQUIRE_TIMEOUT)
                .maxIdleTime(MAX_IDLE)
                .build());
        return new CatalogConnections(pool, driver.close());
    }

    /** The pool, as R2DBC clients take it. */
    public ConnectionFactory factory() {
        return pool;
    }

    /** Connections handed out now. */
    public int acquired() {
        return pool.getMetrics().map(metrics -> metrics.acquiredSize()).orElse(0);
    }

    /** Closes the pool, then the driver and its threads. */
    @Override
    public Mono<Void> close() {
        return pool.disposeLater().then(Mono.from(closeDriver));
    }
}
