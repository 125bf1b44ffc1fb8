package io.weir.ingest.fault;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.CommittedRange;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.FileChange;
import io.weir.storage.catalog.FlushCommit;
import io.weir.storage.catalog.IdempotencyKey;
import io.weir.storage.catalog.NewColumns;
import io.weir.storage.catalog.TableSchema;
import io.weir.storage.catalog.TableSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A catalog in memory that fails as its {@link Faults} say. What it holds outlives it in its {@link Tables}. */
public class FaultyCatalog implements Catalog {

    /** Like any catalog, this one gives an answer in bounded time. */
    private static final Duration MOST = Duration.ofMillis(50);

    private final Tables tables;
    private final Faults faults;

    /** What is durable; all access is under its lock. */
    public static final class Tables {
        private final Set<DatabaseId> databases = new HashSet<>();
        private final Map<TableId, MeasurementSchema> schemas = new LinkedHashMap<>();
        private final Map<String, FlushCommit> commits = new LinkedHashMap<>();
        private final Map<TableId, List<DataFile>> files = new LinkedHashMap<>();
        private final Set<String> changes = new HashSet<>();
    }

    public FaultyCatalog(Tables tables, Faults faults) {
        this.tables = tables;
        this.faults = faults;
    }

    /** A catalog that is empty and does not fail. */
    public FaultyCatalog() {
        this(new Tables(), new Faults(0));
    }

    private <T> Mono<T> transaction(java.util.concurrent.Callable<T> work) {
        return faults.around(
                        () -> {
                            synchronized (tables) {
                                return work.call();
                            }
                        },
                        message ->
                                new WeirException(CatalogError.CATALOG_UNAVAILABLE, message + " (database is locked)"))
                .timeout(MOST, Mono.error(() -> new WeirException(CatalogError.CATALOG_UNAVAILABLE, "injected: HANG")))
                .subscribeOn(Schedulers.boundedElastic());
    }

    @Override
    public Mono<Void> migrate() {
        return Mono.empty();
    }

    @Override
    public Mono<Boolean> createDatabase(DatabaseId database) {
        return transaction(() -> tables.databases.add(database));
    }

    @Override
    public Flux<String> databases(String organisation) {
        return Flux.defer(() -> {
            synchronized (tables) {
                return Flux.fromIterable(tables.databases.stream()
                        .filter(database -> database.organisation().equals(organisation))
                        .map(DatabaseId::database)
                        .sorted()
                        .toList());
            }
        });
    }

    @Override
    public Flux<TableSchema> schemas(DatabaseId database) {
        return transaction(() -> {
                    Map<String, TableSchema> found = new TreeMap<>();
                    tables.schemas.forEach((table, schema) -> {
                        if (table.databaseId().equals(database)) {
                            found.put(table.measurement(), new TableSchema(table.measurement(), schema));
                        }
                    });
                    return List.copyOf(found.values());
                })
                .flatMapIterable(all -> all);
    }

    @Override
    public Mono<List<TableSchema>> addColumns(DatabaseId database, List<NewColumns> wanted) {
        return transaction(() -> {
            if (!tables.databases.contains(database)) {
                throw new WeirException(CommonError.DATABASE_NOT_FOUND, "database " + database + " does not exist");
            }
            Map<String, MeasurementSchema> after = new LinkedHashMap<>();
            for (NewColumns more : wanted) {
                MeasurementSchema schema = after.getOrDefault(
                        more.measurement(),
                        tables.schemas.getOrDefault(database.table(more.measurement()), MeasurementSchema.empty()));
                for (Column column : more.columns()) {
                    Column there = schema.find(column.name());
                    if (there != null && there.type() != column.type()) {
                        throw new WeirException(CatalogError.COLUMN_CONFLICT, "column " + column + " conflicts");
                    }
                }
                after.put(more.measurement(), schema.plus(more.columns(), more.nanos()));
            }
            List<TableSchema> grown = new ArrayList<>();
            after.forEach((name, schema) -> {
                tables.schemas.put(database.table(name), schema);
                grown.add(new TableSchema(name, schema));
            });
            return grown;
        });
    }

    @Override
    public Mono<Void> commit(List<FlushCommit> commits) {
        return transaction(() -> {
                    for (FlushCommit commit : commits) {
                        if (!tables.schemas.containsKey(commit.table())) {
                            throw new WeirException(
                                    CommonError.MEASUREMENT_NOT_FOUND, commit.table() + " does not exist");
                        }
                    }
                    for (FlushCommit commit : commits) {
                        if (tables.commits.putIfAbsent(commit.flushId(), commit) == null) {
                            tables.files
                                    .computeIfAbsent(commit.table(), table -> new ArrayList<>())
                                    .addAll(commit.files());
                        }
                    }
                    return true;
                })
                .then();
    }

    @Override
    public Mono<Void> change(FileChange change) {
        return transaction(() -> {
                    List<DataFile> there = tables.files.computeIfAbsent(change.table(), table -> new ArrayList<>());
                    if (tables.changes.contains(change.id())) {
                        return true;
                    }
                    Set<String> keys = new HashSet<>();
                    there.forEach(file -> keys.add(file.objectKey()));
                    if (!keys.containsAll(change.removed())) {
                        throw new WeirException(CatalogError.COMMIT_CONFLICT, change.id() + " removes what is gone");
                    }
                    there.removeIf(file -> change.removed().contains(file.objectKey()));
                    there.addAll(change.added());
                    return tables.changes.add(change.id());
                })
                .then();
    }

    @Override
    public Mono<Long> forgetChanges(Instant committedBefore) {
        return Mono.just(0L); // a repeated change may still ask
    }

    @Override
    public Flux<CommittedRange> committedRanges(String walId, long fromSequence) {
        return Flux.defer(() -> {
            synchronized (tables) {
                return Flux.fromIterable(tables.commits.values().stream()
                        .filter(commit -> commit.walId().equals(walId) && commit.lastSequence() >= fromSequence)
                        .map(commit ->
                                new CommittedRange(commit.table(), commit.firstSequence(), commit.lastSequence()))
                        .toList());
            }
        });
    }

    @Override
    public Mono<Long> forgetFlushes(String walId, long beforeSequence, Instant committedBefore) {
        return Mono.just(0L); // a query may still ask
    }

    @Override
    public Flux<IdempotencyKey> idempotencyKeys(int atMost) {
        return Flux.defer(() -> Flux.fromIterable(keys().stream()
                .sorted(Comparator.comparingLong(IdempotencyKey::expiresMillis).reversed())
                .limit(atMost)
                .toList()));
    }

    @Override
    public Mono<IdempotencyKey> idempotencyKey(DatabaseId database, String text) {
        return Mono.defer(() -> Mono.justOrEmpty(keys().stream()
                .filter(key -> key.organisation().equals(database.organisation())
                        && key.database().equals(database.database())
                        && key.text().equals(text))
                .max(Comparator.comparingLong(IdempotencyKey::writtenMillis))));
    }

    @Override
    public Mono<Long> forgetIdempotencyKeys(Instant expiredBefore) {
        return Mono.just(0L); // a repeated write may still ask
    }

    @Override
    public Mono<Long> forgetIdempotencyKeys(DatabaseId database, String prefix, String walId, long beforeSequence) {
        return Mono.just(0L);
    }

    private List<IdempotencyKey> keys() {
        synchronized (tables) {
            return tables.commits.values().stream()
                    .flatMap(commit -> commit.keys().stream())
                    .toList();
        }
    }

    @Override
    public Mono<Optional<Dedup>> dedup(TableId table) {
        return Mono.just(Optional.empty());
    }

    @Override
    public Mono<Void> setDedup(TableId table, Dedup dedup) {
        return Mono.error(new UnsupportedOperationException("no test says it"));
    }

    @Override
    public Mono<TableSnapshot> snapshot(TableId table, TimeRange range, Collection<String> flushIds) {
        return Mono.fromCallable(() -> {
            synchronized (tables) {
                MeasurementSchema schema = tables.schemas.get(table);
                if (schema == null) {
                    return null;
                }
                Set<String> done = new HashSet<>(flushIds);
                done.retainAll(tables.commits.keySet());
                List<DataFile> files = tables.files.getOrDefault(table, List.of()).stream()
                        .filter(file -> range.overlaps(file.minMicros(), file.maxMicros()))
                        .toList();
                return new TableSnapshot(schema, files, done);
            }
        });
    }
}
