package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Lifecycle;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.TransactionDefinition;
import io.r2dbc.spi.ValidationDepth;
import io.weir.r2dbc.sqlite.TransactionControl.Access;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A connection to SQLite. Nothing happens before a publisher is subscribed, and no method blocks.
 *
 * <p>Threads: publishers may be subscribed from any thread, one at a time as R2DBC asks; everything runs, and signals,
 * on the connection's worker. Cancel: a running statement is interrupted, one that waits for a lock stops waiting;
 * commit, rollback and close go on once begun. Owns its SQLite connection until {@link #close}.
 */
final class SqliteConnection implements Connection, Lifecycle {
    private static final Logger log = LoggerFactory.getLogger(SqliteConnection.class);

    private final ConnectionWorker worker;
    private final JdbcSession session;
    private final SqliteConnectionConfiguration configuration;
    private final SqliteMetrics metrics;
    private final Scheduler timer;
    private final Mono<Void> close;
    private volatile boolean closed;
    private volatile Duration busyTimeout;
    private volatile Duration statementTimeout;
    private volatile @Nullable Duration transactionBusyTimeout;

    SqliteConnection(
            ConnectionWorker worker,
            JdbcSession session,
            SqliteConnectionConfiguration configuration,
            SqliteMetrics metrics,
            Scheduler timer,
            Consumer<SqliteConnection> afterClose) {
        this.worker = worker;
        this.session = session;
        this.configuration = configuration;
        this.metrics = metrics;
        this.timer = timer;
        this.busyTimeout = configuration.busyTimeout();
        this.statementTimeout = configuration.statementTimeout();
        // Cached: closing again waits for the same close, and a cancel does not stop it.
        this.close = Mono.defer(() -> {
                    closed = true;
                    session.gate().shut();
                    return worker.call(session::close);
                })
                .doFinally(signal -> {
                    worker.disposeWhenIdle();
                    afterClose.accept(this);
                })
                .cache();
    }

    @Override
    public SqliteStatement createStatement(String sql) {
        return new SqliteStatement(this, requireSql(sql));
    }

    @Override
    public SqliteBatch createBatch() {
        return new SqliteBatch(this);
    }

    /** One call of {@code execute}: its statements know each other by the owner it gives them. */
    Flux<SqliteResult> execute(Function<Object, Flux<SqliteResult>> statements) {
        return Flux.defer(() -> statements.apply(new Object())).doOnDiscard(SqliteResult.class, SqliteResult::discard);
    }

    /** Runs one statement when its result is requested; waits for locks. */
    Mono<SqliteResult> execute(SqlPart part, @Nullable Object[] values, Object owner) {
        return Mono.defer(() -> {
            StatementRun run = new StatementRun(session.gate(), timer, metrics, statementTimeout);
            return ValueEncoder.collectLobs(values)
                    .flatMap(collected -> waitForLocks(worker.call(
                            () -> session.execute(part, collected, run, owner, worker),
                            SqliteResult::discard,
                            run::cancel)));
        });
    }

    @Override
    public Mono<Void> beginTransaction() {
        return begin(Access.WRITE, null);
    }

    @Override
    public Mono<Void> beginTransaction(TransactionDefinition definition) {
        boolean readOnly = Boolean.TRUE.equals(definition.getAttribute(TransactionDefinition.READ_ONLY));
        // Every isolation level is answered with a stronger one: SQLite's transactions are serializable.
        return begin(
                readOnly ? Access.READ : Access.WRITE,
                definition.getAttribute(TransactionDefinition.LOCK_WAIT_TIMEOUT));
    }

    private Mono<Void> begin(Access access, @Nullable Duration lockWaitTimeout) {
        Mono<Void> begin = worker.call(() -> {
            if (!session.transaction().isActive()) {
                transactionBusyTimeout = lockWaitTimeout;
                session.transaction().begin(access);
            }
        });
        return waitForLocks(begin, () -> lockWaitTimeout);
    }

    @Override
    public Mono<Void> commitTransaction() {
        return waitForLocks(worker.call(() -> session.transaction().commit()))
                // A failed commit ends the transaction: its write lock must not outlive it in a pool.
                .onErrorResume(error -> rollbackTransaction().then(Mono.error(error)));
    }

    @Override
    public Mono<Void> rollbackTransaction() {
        return worker.call(() -> session.transaction().rollback());
    }

    @Override
    public Mono<Void> createSavepoint(String name) {
        requireSavepoint(name);
        return waitForLocks(worker.call(() -> session.transaction().createSavepoint(name)));
    }

    @Override
    public Mono<Void> releaseSavepoint(String name) {
        requireSavepoint(name);
        return worker.call(() -> session.transaction().releaseSavepoint(name));
    }

    @Override
    public Mono<Void> rollbackTransactionToSavepoint(String name) {
        requireSavepoint(name);
        return worker.call(() -> session.transaction().rollbackToSavepoint(name));
    }

    @Override
    public boolean isAutoCommit() {
        return !session.transaction().isActive();
    }

    /** False begins a transaction, as {@link #beginTransaction}; true commits the one there is. */
    @Override
    public Mono<Void> setAutoCommit(boolean autoCommit) {
        return autoCommit ? commitTransaction() : begin(Access.WRITE, null);
    }

    @Override
    public IsolationLevel getTransactionIsolationLevel() {
        return IsolationLevel.SERIALIZABLE;
    }

    /** Accepts every level, and goes on isolating serializably, which includes them all. */
    @Override
    public Mono<Void> setTransactionIsolationLevel(IsolationLevel isolationLevel) {
        if (isolationLevel == null) {
            throw new IllegalArgumentException("isolation level is null (expected: a level)");
        }
        return Mono.empty();
    }

    @Override
    public Mono<Void> setLockWaitTimeout(Duration timeout) {
        Durations.notNegative("lock wait timeout", timeout);
        return Mono.fromRunnable(() -> busyTimeout = timeout);
    }

    @Override
    public Mono<Void> setStatementTimeout(Duration timeout) {
        Durations.notNegative("statement timeout", timeout);
        return Mono.fromRunnable(() -> statementTimeout = timeout);
    }

    @Override
    public ConnectionMetadata getMetadata() {
        return new SqliteConnectionMetadata(session.version());
    }

    @Override
    public Mono<Boolean> validate(ValidationDepth depth) {
        return Mono.defer(() -> {
            if (closed || depth == ValidationDepth.LOCAL) {
                return Mono.just(!closed);
            }
            return worker.<Boolean>call(session::isValid, valid -> {}, () -> {})
                    // Closed meanwhile: not an error here.
                    .onErrorReturn(R2dbcException.class, false);
        });
    }

    @Override
    public Mono<Void> postAllocate() {
        return Mono.empty();
    }

    /** Called by a pool when a connection comes back: ends its transaction, closes its results, restores its timeouts. */
    @Override
    public Mono<Void> preRelease() {
        return worker.call(() -> {
            busyTimeout = configuration.busyTimeout();
            statementTimeout = configuration.statementTimeout();
            transactionBusyTimeout = null;
            session.reset();
        });
    }

    @Override
    public Mono<Void> close() {
        return close;
    }

    /** Closes a connection that nobody got. */
    void closeNow() {
        close.subscribe(null, error -> log.warn("cannot close a connection that was not claimed", error));
    }

    private <T> Mono<T> waitForLocks(Mono<T> call) {
        return waitForLocks(call, () -> session.transaction().isActive() ? transactionBusyTimeout : null);
    }

    private <T> Mono<T> waitForLocks(Mono<T> call, Supplier<@Nullable Duration> override) {
        return Mono.defer(() -> {
            Duration own = override.get();
            return call.retryWhen(new BusyRetry(own == null ? busyTimeout : own, timer, metrics));
        });
    }

    static String requireSql(@Nullable String sql) {
        if (sql == null) {
            throw new IllegalArgumentException("sql is null (expected: a statement)");
        }
        return sql;
    }

    private static void requireSavepoint(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("savepoint name is empty (expected: a name)");
        }
    }
}
