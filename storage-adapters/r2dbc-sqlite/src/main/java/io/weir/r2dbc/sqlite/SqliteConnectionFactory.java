package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.Closeable;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.R2dbcException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Opens R2DBC connections to one SQLite database.
 *
 * <pre>{@code
 * SqliteConnectionFactory factory = SqliteConnectionFactory.of(
 *         SqliteConnectionConfiguration.builder().path(Path.of("app.db")).build());
 * }</pre>
 *
 * <p>Thread-safe. Owns its connections and, unless one was configured, the scheduler they run on: daemon threads named
 * {@code weir-sqlite-N}. Close it when done; an in-memory database ends then.
 */
public final class SqliteConnectionFactory implements ConnectionFactory, Closeable {
    static final String PRODUCT_NAME = "SQLite";

    private static final Logger log = LoggerFactory.getLogger(SqliteConnectionFactory.class);
    private static final int CLOSE_CONCURRENCY = 16;
    /** Tasks are bounded by the callers; a close that the scheduler refuses would leak what it was to close. */
    private static final int QUEUED_TASKS = Integer.MAX_VALUE;

    private static final int IDLE_THREAD_SECONDS = 10;
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    private final SqliteConnectionConfiguration configuration;
    private final SqliteMetrics metrics = new SqliteMetrics();
    private final Scheduler timer = Schedulers.parallel();
    private final Scheduler scheduler;
    private final Set<SqliteConnection> connections = ConcurrentHashMap.newKeySet();
    /** Opens the connection that keeps an in-memory database alive, once; it closes with all the others. */
    private final Mono<Boolean> anchor;

    private final Mono<Void> close;
    private volatile boolean closed;

    SqliteConnectionFactory(SqliteConnectionConfiguration configuration) {
        Scheduler given = configuration.scheduler();
        this.configuration = configuration;
        this.scheduler = given != null
                ? given
                : Schedulers.newBoundedElastic(
                        configuration.threads(), QUEUED_TASKS, "weir-sqlite", IDLE_THREAD_SECONDS, true);
        this.anchor = open().map(connection -> true)
                .cache(kept -> Duration.ofMillis(Long.MAX_VALUE), error -> Duration.ZERO, () -> Duration.ZERO);
        this.close = Mono.defer(this::closeAll).cache();
    }

    /** A factory for the configured database. Nothing is opened yet. */
    public static SqliteConnectionFactory of(SqliteConnectionConfiguration configuration) {
        return new SqliteConnectionFactory(configuration);
    }

    /**
     * Opens a connection for each subscription; it signals on the connection's worker. Fails with {@code
     * R2dbcNonTransientResourceException} when the database cannot be opened or the factory is closed. A cancel closes
     * a connection that was on its way.
     */
    @Override
    public Mono<Connection> create() {
        // An in-memory database lives as long as a connection to it: the factory keeps one.
        boolean inMemory = configuration.location() instanceof DatabaseLocation.InMemory;
        return (inMemory ? anchor.then(open()) : open())
                .doOnDiscard(SqliteConnection.class, SqliteConnection::closeNow)
                .cast(Connection.class);
    }

    @Override
    public ConnectionFactoryMetadata getMetadata() {
        return () -> PRODUCT_NAME;
    }

    /** Live counters of this factory. */
    public SqliteMetrics metrics() {
        return metrics;
    }

    /**
     * Refuses new connections, interrupts running statements, closes all connections, and then disposes the factory's
     * own scheduler. Idempotent; a cancel does not stop it.
     */
    @Override
    public Mono<Void> close() {
        return close;
    }

    private Mono<SqliteConnection> open() {
        return Mono.defer(this::tryOpen).retryWhen(new BusyRetry(configuration.busyTimeout(), timer, metrics));
    }

    private Mono<SqliteConnection> tryOpen() {
        if (closed) {
            return Mono.error(refusal());
        }
        ConnectionWorker worker = new ConnectionWorker(scheduler.createWorker());
        return worker.call(() -> openAndRegister(worker), SqliteConnection::closeNow, worker::disposeWhenIdle)
                .doOnError(error -> worker.disposeWhenIdle());
    }

    private SqliteConnection openAndRegister(ConnectionWorker worker) {
        JdbcSession session = new SessionOpener(configuration, metrics, timer).open();
        SqliteConnection connection =
                new SqliteConnection(worker, session, configuration, metrics, timer, connections::remove);
        connections.add(connection);
        // Registered before it looks: a close of the factory sees the connection, or is seen here.
        if (closed) {
            session.close();
            connections.remove(connection);
            throw refusal();
        }
        return connection;
    }

    private R2dbcException refusal() {
        return SqliteErrors.closed("connection factory of " + configuration.location());
    }

    private Mono<Void> closeAll() {
        closed = true;
        return Flux.fromIterable(connections)
                .flatMapDelayError(SqliteConnection::close, CLOSE_CONCURRENCY, 1)
                .then()
                .onErrorResume(error -> disposeScheduler().then(Mono.error(error)))
                .then(disposeScheduler());
    }

    private Mono<Void> disposeScheduler() {
        if (configuration.scheduler() != null) {
            return Mono.empty();
        }
        return scheduler.disposeGracefully().timeout(STOP_TIMEOUT).onErrorResume(error -> {
            log.warn("threads of {} did not stop within {}", configuration.location(), STOP_TIMEOUT, error);
            return Mono.fromRunnable(scheduler::dispose);
        });
    }
}
