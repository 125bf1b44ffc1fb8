package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactory;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.stats.TagFilter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The catalog in a relational database over R2DBC: SQLite embedded, PostgreSQL for several processes. Statements live
 * with their tables ({@link MeasurementTables}, {@link FileTables}); this class says what is one transaction,
 * {@link Transactions} what is tried again and how a failure is named. Does not own the connection factory.
 */
public final class R2dbcCatalog implements Catalog {

    private static final Duration MIGRATION_TIME = Duration.ofMinutes(10);

    /** Reading, or restoring, some million files. */
    private static final Duration CONTENTS_TIME = Duration.ofHours(1);

    private final Migrations migrations;
    private final MeasurementTables measurements;
    private final FileTables files;
    private final FileSearch search;
    private final KnownSchemas schemas = new KnownSchemas();
    private final SnapshotRead quick;
    private final KeyTable keys;
    private final DeleteTables deleted;
    private final Transactions transactions;
    private final CatalogUpkeep upkeep;
    private final CompactionQueue compaction;
    private final TableHistory history;
    private final CatalogContents contents;

    /**
     * A catalog over that database.
     *
     * @param connections pooled connections; closed by whoever made them
     * @param clock gives the times recorded in the catalog
     * @param timeout longest an operation may take, retries included; migrating has more
     */
    public R2dbcCatalog(ConnectionFactory connections, Clock clock, Duration timeout) {
        DatabaseClient client = DatabaseClient.create(connections);
        this.transactions = new Transactions(connections, timeout);
        this.migrations = new Migrations(connections, Migrations.FILES);
        this.measurements = new MeasurementTables(client, clock);
        SqlDialect dialect = SqlDialect.of(connections);
        RemovedFiles removed = new RemovedFiles(client);
        LeaseTable leases = new LeaseTable(client, dialect);
        this.deleted = new DeleteTables(client);
        this.files = new FileTables(client, clock, leases, removed, deleted);
        this.search = new FileSearch(client);
        this.quick = new SnapshotRead(client, schemas);
        this.keys = new KeyTable(client);
        this.upkeep = new R2dbcUpkeep(client, transactions, clock, removed, leases);
        this.compaction = new R2dbcCompactionQueue(client, transactions, clock);
        this.history = new R2dbcTableHistory(client, transactions, measurements, files, clock);
        this.contents = new R2dbcContents(
                client,
                new Transactions(connections, CONTENTS_TIME),
                new RestoreTables(client, measurements, removed, clock),
                clock);
    }

    /** The same catalog, for what is worked out from files and kept. */
    public TableHistory history() {
        return history;
    }

    /** The same catalog, for whoever copies it or puts a copy back. */
    public CatalogContents contents() {
        return contents;
    }

    /** The same catalog, for whoever keeps the object store in step with it. */
    public CatalogUpkeep upkeep() {
        return upkeep;
    }

    /** The same catalog, for whoever compacts its files. */
    public CompactionQueue compaction() {
        return compaction;
    }

    @Override
    public Mono<Void> migrate() {
        return Transactions.guarded("migrate", migrations.run(), MIGRATION_TIME);
    }

    @Override
    public Mono<Boolean> createDatabase(DatabaseId database) {
        return transactions.write("create database " + database, measurements.createDatabase(database));
    }

    @Override
    public Flux<String> databases(String organisation) {
        return transactions
                .read("list databases", measurements.databases(organisation).collectList())
                .flatMapIterable(names -> names);
    }

    @Override
    public Flux<TableSchema> schemas(DatabaseId database) {
        return transactions
                .read(
                        "read the measurements of " + database,
                        measurements.schemas(database).collectList())
                .flatMapIterable(tables -> tables);
    }

    @Override
    public Mono<List<TableSchema>> addColumns(DatabaseId database, List<NewColumns> wanted) {
        return transactions.write(
                "add columns to " + wanted.size() + " measurements of " + database,
                measurements.addColumns(database, wanted));
    }

    @Override
    public Mono<Void> commit(List<FlushCommit> commits) {
        Mono<Void> once = files.commit(commits)
                .then(Mono.defer(() -> Flux.fromIterable(commits)
                        .concatMap(commit -> keys.put(commit.keys()))
                        .then()));
        return transactions.write(
                "commit flush " + commits.get(0).flushId() + (commits.size() == 1 ? "" : " and others"), once);
    }

    @Override
    public Mono<Void> change(FileChange change) {
        return transactions.write("change files of " + change.table(), files.change(change));
    }

    @Override
    public Mono<Long> forgetChanges(Instant committedBefore) {
        return transactions.write("forget old changes", files.forgetChanges(micros(committedBefore)));
    }

    @Override
    public Flux<CommittedRange> committedRanges(String walId, long fromSequence) {
        return transactions
                .read(
                        "read committed ranges",
                        files.committedRanges(walId, fromSequence).collectList())
                .flatMapIterable(ranges -> ranges);
    }

    @Override
    public Mono<Long> forgetFlushes(String walId, long beforeSequence, Instant committedBefore) {
        return transactions.write(
                "forget old flushes", files.forgetFlushes(walId, beforeSequence, micros(committedBefore)));
    }

    @Override
    public Flux<IdempotencyKey> idempotencyKeys(int atMost) {
        return transactions
                .read("read idempotency keys", keys.newest(atMost).collectList())
                .flatMapIterable(newest -> newest);
    }

    @Override
    public Mono<IdempotencyKey> idempotencyKey(DatabaseId database, String text) {
        return transactions.read(
                "read an idempotency key", keys.find(database.organisation(), database.database(), text));
    }

    @Override
    public Mono<Long> forgetIdempotencyKeys(Instant expiredBefore) {
        return transactions.write("forget idempotency keys", keys.forget(expiredBefore.toEpochMilli()));
    }

    @Override
    public Mono<Long> forgetIdempotencyKeys(DatabaseId database, String prefix, String walId, long beforeSequence) {
        return transactions.write(
                "forget idempotency keys of " + database,
                keys.forget(database.organisation(), database.database(), prefix, walId, beforeSequence));
    }

    @Override
    public Mono<TableSnapshot> snapshot(TableId table, TimeRange range, Collection<String> flushIds) {
        return snapshot(table, range, TagFilter.ANY, flushIds);
    }

    @Override
    public Mono<TableSnapshot> snapshot(TableId table, TimeRange range, TagFilter tags, Collection<String> flushIds) {
        return transactions
                .readAtOnce("read " + table, quick.read(table, range, tags, flushIds))
                .switchIfEmpty(Mono.defer(
                        () -> transactions.read("read " + table, wholeSnapshot(table, range, tags, flushIds))));
    }

    private Mono<TableSnapshot> wholeSnapshot(
            TableId table, TimeRange range, TagFilter tags, Collection<String> flushIds) {
        return measurements
                .find(table)
                .doOnNext(found -> schemas.keep(table, found.id(), found.schema()))
                .flatMap(found -> search.files(found.id(), range, tags.over(found.schema()))
                        .flatMap(overlapping -> files.committed(flushIds)
                                .flatMap(done -> deleted.hidden(found.id(), found.pendingDeletes())
                                        .map(hidden -> new TableSnapshot(
                                                found.schema(),
                                                overlapping,
                                                done,
                                                found.version(),
                                                hidden,
                                                found.dedup())))));
    }

    @Override
    public Mono<Optional<Dedup>> dedup(TableId table) {
        return transactions.read(
                "read the dedup of " + table, measurements.find(table).map(MeasurementTables.Measurement::dedup));
    }

    @Override
    public Mono<Void> setDedup(TableId table, Dedup dedup) {
        return transactions.write("set the dedup of " + table, measurements.setDedup(table, dedup));
    }

    @Override
    public Mono<String> version(TableId table) {
        return transactions.readAtOnce("read the version of " + table, measurements.version(table));
    }

    private static long micros(Instant time) {
        return time.toEpochMilli() * 1000;
    }
}
