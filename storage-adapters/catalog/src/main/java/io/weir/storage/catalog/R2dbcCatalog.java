package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.R2dbcException;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.r2dbc.connection.R2dbcTransactionManager;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.transaction.reactive.TransactionalOperator;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * The catalog in a relational database over R2DBC: SQLite embedded, PostgreSQL for several processes. Statements live
 * with their tables ({@link MeasurementTables}, {@link FileTables}); this class says what is one transaction, what is
 * tried again, and how a failure is named. Does not own the connection factory.
 */
public final class R2dbcCatalog implements Catalog {

    private static final int RETRIES = 8;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(10);
    private static final Duration MAX_BACKOFF = Duration.ofMillis(500);

    private final Migrations migrations;
    private final MeasurementTables measurements;
    private final FileTables files;
    private final KeyTable keys;
    private final TransactionalOperator write;
    private final TransactionalOperator read;
    private final Duration timeout;
    private final CatalogUpkeep upkeep;

    /**
     * A catalog over that database.
     *
     * @param connections pooled connections; closed by whoever made them
     * @param clock gives the times recorded in the catalog
     * @param timeout longest an operation may take, retries included
     */
    public R2dbcCatalog(ConnectionFactory connections, Clock clock, Duration timeout) {
        DatabaseClient client = DatabaseClient.create(connections);
        R2dbcTransactionManager transactions = new R2dbcTransactionManager(connections);
        DefaultTransactionDefinition readOnly = new DefaultTransactionDefinition();
        readOnly.setReadOnly(true);
        readOnly.setIsolationLevel(DefaultTransactionDefinition.ISOLATION_SERIALIZABLE);
        DefaultTransactionDefinition serializable = new DefaultTransactionDefinition();
        serializable.setIsolationLevel(DefaultTransactionDefinition.ISOLATION_SERIALIZABLE);
        this.write = TransactionalOperator.create(transactions, serializable);
        this.read = TransactionalOperator.create(transactions, readOnly);
        this.migrations = new Migrations(client, write);
        this.measurements = new MeasurementTables(client, clock);
        this.files = new FileTables(client, clock);
        this.keys = new KeyTable(client);
        this.timeout = timeout;
        this.upkeep = new R2dbcUpkeep(client, write, read, this::guarded, clock);
    }

    /** The same catalog, for whoever keeps the object store in step with it. */
    public CatalogUpkeep upkeep() {
        return upkeep;
    }

    @Override
    public Mono<Void> migrate() {
        return guarded("migrate", migrations.run());
    }

    @Override
    public Mono<Boolean> createDatabase(DatabaseId database) {
        return guarded("create database " + database, write.transactional(measurements.createDatabase(database)));
    }

    @Override
    public Flux<String> databases(String organisation) {
        return guarded("list databases", measurements.databases(organisation).collectList())
                .flatMapIterable(names -> names);
    }

    @Override
    public Flux<TableSchema> schemas(DatabaseId database) {
        return guarded(
                        "read the measurements of " + database,
                        read.transactional(measurements.schemas(database)).collectList())
                .flatMapIterable(tables -> tables);
    }

    @Override
    public Mono<List<TableSchema>> addColumns(DatabaseId database, List<NewColumns> wanted) {
        return guarded(
                "add columns to " + wanted.size() + " measurements of " + database,
                write.transactional(measurements.addColumns(database, wanted)));
    }

    @Override
    public Mono<Void> commit(List<FlushCommit> commits) {
        Mono<Void> once = files.commit(commits)
                .then(Mono.defer(() -> Flux.fromIterable(commits)
                        .concatMap(commit -> keys.put(commit.keys()))
                        .then()));
        return guarded(
                "commit flush " + commits.get(0).flushId() + (commits.size() == 1 ? "" : " and others"),
                write.transactional(once));
    }

    @Override
    public Flux<CommittedRange> committedRanges(String walId, long fromSequence) {
        return guarded(
                        "read committed ranges",
                        files.committedRanges(walId, fromSequence).collectList())
                .flatMapIterable(ranges -> ranges);
    }

    @Override
    public Mono<Long> forgetFlushes(String walId, long beforeSequence, Instant committedBefore) {
        return guarded(
                "forget old flushes",
                write.transactional(files.forgetFlushes(walId, beforeSequence, committedBefore.toEpochMilli() * 1000)));
    }

    @Override
    public Flux<IdempotencyKey> idempotencyKeys(int atMost) {
        return guarded("read idempotency keys", keys.newest(atMost).collectList())
                .flatMapIterable(newest -> newest);
    }

    @Override
    public Mono<IdempotencyKey> idempotencyKey(DatabaseId database, String text) {
        return guarded("read an idempotency key", keys.find(database.organisation(), database.database(), text));
    }

    @Override
    public Mono<Long> forgetIdempotencyKeys(Instant expiredBefore) {
        return guarded("forget idempotency keys", write.transactional(keys.forget(expiredBefore.toEpochMilli())));
    }

    @Override
    public Mono<TableSnapshot> snapshot(TableId table, TimeRange range, Collection<String> flushIds) {
        Mono<TableSnapshot> snapshot = measurements
                .findId(table)
                .flatMap(id -> measurements
                        .schema(id)
                        .flatMap(schema -> files.files(id, range)
                                .collectList()
                                .flatMap(all ->
                                        files.committed(flushIds).map(done -> new TableSnapshot(schema, all, done)))));
        return guarded("read " + table, read.transactional(snapshot));
    }

    /** Tries again what lost a race or found the database busy, gives up in time, and names what is left. */
    private <T> Mono<T> guarded(String action, Mono<T> work) {
        return work.retryWhen(Retry.backoff(RETRIES, FIRST_BACKOFF)
                        .maxBackoff(MAX_BACKOFF)
                        .jitter(0.5)
                        .filter(R2dbcCatalog::isWorthAnotherTry)
                        .onRetryExhaustedThrow((retry, signal) -> signal.failure()))
                .timeout(timeout)
                .onErrorMap(
                        R2dbcCatalog::isUnavailability,
                        e -> new WeirException(CatalogError.CATALOG_UNAVAILABLE, "the catalog could not " + action, e));
    }

    private static boolean isWorthAnotherTry(Throwable failure) {
        return failure instanceof TransientDataAccessException
                || failure instanceof DuplicateKeyException
                || failure instanceof DataIntegrityViolationException;
    }

    private static boolean isUnavailability(Throwable failure) {
        return failure instanceof DataAccessException
                || failure instanceof R2dbcException
                || failure instanceof TimeoutException
                || failure instanceof org.springframework.transaction.TransactionException;
    }
}
