package io.weir.ingest.schema;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotArea;
import io.weir.common.model.DatabaseId;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.NewColumns;
import io.weir.storage.catalog.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The schemas of every database written to, in memory, in step with the catalog. New columns are committed to the
 * catalog before the rows that brought them are logged, so that replicas never accept one column under two types and
 * whatever is logged can be flushed. A row that is rejected never reaches {@link #admit}, so it leaves no column behind.
 * Remembered are only databases that have measurements, and a bounded number of them; so names that clients make up leave
 * nothing behind. Thread-safe.
 */
public final class SchemaRegistry {

    private static final int MAX_DATABASES = 10_000;

    private final Catalog catalog;
    private final boolean autoCreate;
    private final int maxDatabases;
    private final Map<DatabaseId, DatabaseSchemas> databases = new ConcurrentHashMap<>();

    /** How often something was forgotten: what was asked of the catalog before that is asked again. */
    private final AtomicLong forgotten = new AtomicLong();

    private final Map<DatabaseId, Mono<DatabaseSchemas>> loading = new ConcurrentHashMap<>();

    /**
     * A registry over that catalog.
     *
     * @param autoCreate whether a write may create databases and measurements
     */
    public SchemaRegistry(Catalog catalog, boolean autoCreate) {
        this(catalog, autoCreate, MAX_DATABASES);
    }

    /** @param maxDatabases how many databases are remembered; of more, some are read again when they are needed */
    SchemaRegistry(Catalog catalog, boolean autoCreate, int maxDatabases) {
        this.catalog = catalog;
        this.autoCreate = autoCreate;
        this.maxDatabases = maxDatabases;
    }

    /**
     * The schemas of that database, read from the catalog unless they are remembered. A database that does not exist has
     * none.
     *
     * @return an error {@code catalog-unavailable} when they cannot be read; the next call tries again
     */
    public Mono<DatabaseSchemas> open(DatabaseId database) {
        DatabaseSchemas known = databases.get(database);
        return known == null ? load(database) : Mono.just(known);
    }

    /** Reads a database once for all that wait for it now. */
    private Mono<DatabaseSchemas> load(DatabaseId database) {
        Mono<DatabaseSchemas> reading = Mono.defer(() -> {
                    long before = forgotten.get();
                    return catalog.schemas(database)
                            .collectMap(table -> table.measurement(), table -> table.schema())
                            .mapNotNull(
                                    schemas -> rememberUnlessForgotten(new DatabaseSchemas(database, schemas), before));
                })
                .repeatWhenEmpty(again -> again)
                .doOnTerminate(() -> loading.remove(database))
                .cache();
        Mono<DatabaseSchemas> raced = loading.putIfAbsent(database, reading);
        return raced == null ? reading : raced;
    }

    /** Null when something was forgotten after {@code before}, so that it may be told by these. */
    private synchronized @Nullable DatabaseSchemas rememberUnlessForgotten(DatabaseSchemas schemas, long before) {
        return forgotten.get() == before ? remember(schemas) : null;
    }

    /**
     * Forgets what is known of an area, also by requests that are under way: they meet what the catalog says of it when they go
     * on, or are refused.
     */
    public synchronized void forget(HotArea area) {
        forgotten.incrementAndGet();
        DatabaseSchemas known = databases.remove(area.database());
        if (known != null) {
            known.forget(area);
        }
        loading.remove(area.database());
    }

    /** What everyone is given from now on for this database: {@code schemas}, or what is remembered already, which learns from them. */
    private DatabaseSchemas remember(DatabaseSchemas schemas) {
        if (schemas.isEmpty()) {
            return schemas;
        }
        DatabaseSchemas known = databases.putIfAbsent(schemas.database(), schemas);
        if (known == schemas) {
            return schemas;
        }
        if (known != null) {
            known.learn(schemas);
            return known;
        }
        while (databases.size() > maxDatabases) {
            databases.keySet().stream()
                    .filter(other -> !other.equals(schemas.database()))
                    .findAny()
                    .ifPresent(databases::remove);
        }
        return schemas;
    }

    /** Databases remembered now. */
    int remembered() {
        return databases.size() + loading.size();
    }

    /**
     * Makes sure that the catalog has every column of those batches, creating what is missing.
     *
     * @return an error {@code overloaded} (try again) when another writer gave one of the columns another type a moment
     *     ago: decoded again, the rows meet the new schema; {@code database-not-found} or {@code measurement-not-found}
     *     when creating is switched off
     */
    public Mono<Void> admit(DatabaseSchemas schemas, List<ColumnBatch> batches) {
        List<ColumnBatch> growing =
                batches.stream().filter(batch -> !schemas.covers(batch)).toList();
        if (growing.isEmpty()) {
            return Mono.empty();
        }
        return requireDatabase(schemas)
                .then(Mono.defer(() -> growAll(schemas, growing)))
                .then(Mono.fromRunnable(() -> remember(schemas)))
                .then()
                .onErrorMap(
                        SchemaRegistry::isConflict,
                        e -> new WeirException(
                                CommonError.OVERLOADED,
                                "another write gave a column a different type at the same moment; send this one again",
                                e));
    }

    private Mono<Void> requireDatabase(DatabaseSchemas schemas) {
        if (!schemas.isEmpty()) {
            return Mono.empty();
        }
        return autoCreate
                ? catalog.createDatabase(schemas.database()).then()
                : catalog.databases(schemas.database().organisation())
                        .any(schemas.database().database()::equals)
                        .flatMap(exists -> exists ? Mono.empty() : Mono.error(unknown(schemas)));
    }

    private static WeirException unknown(DatabaseSchemas schemas) {
        return new WeirException(
                CommonError.DATABASE_NOT_FOUND,
                "database \"" + schemas.database().database() + "\" does not exist and weir.ingest.auto-create is off",
                Map.of("database", schemas.database().database()));
    }

    /** One transaction for all; when that meets a conflict, one for each, so that those without conflict are agreed. */
    private Mono<Void> growAll(DatabaseSchemas schemas, List<ColumnBatch> growing) {
        for (ColumnBatch batch : growing) {
            requireMeasurement(schemas, batch);
        }
        List<NewColumns> wanted =
                growing.stream().map(SchemaRegistry::columnsOf).toList();
        long before = forgotten.get();
        return catalog.addColumns(schemas.database(), wanted)
                .doOnNext(grown -> learn(schemas, grown, before))
                .then()
                .onErrorResume(
                        SchemaRegistry::isConflict,
                        e -> Flux.fromIterable(growing)
                                .concatMap(batch -> grow(schemas, batch))
                                .then());
    }

    private synchronized void learn(DatabaseSchemas schemas, List<TableSchema> grown, long before) {
        if (forgotten.get() != before) {
            throw new WeirException(
                    CommonError.OVERLOADED, "something was dropped at the same moment; send the rows again");
        }
        grown.forEach(table -> schemas.put(table.measurement(), table.schema()));
    }

    private void requireMeasurement(DatabaseSchemas schemas, ColumnBatch batch) {
        if (!autoCreate && schemas.find(batch.measurement()) == null) {
            throw new WeirException(
                    CommonError.MEASUREMENT_NOT_FOUND,
                    "measurement \"" + batch.measurement() + "\" does not exist and weir.ingest.auto-create is off",
                    Map.of("measurement", batch.measurement()));
        }
    }

    private static NewColumns columnsOf(ColumnBatch batch) {
        return new NewColumns(batch.measurement(), batch.columns(), batch.timeNanos() != null);
    }

    private Mono<Void> grow(DatabaseSchemas schemas, ColumnBatch batch) {
        long before = forgotten.get();
        return catalog.addColumns(
                        schemas.database().table(batch.measurement()), batch.columns(), batch.timeNanos() != null)
                .onErrorResume(
                        SchemaRegistry::isConflict, e -> refresh(schemas, batch).then(Mono.error(e)))
                .doOnNext(schema -> learn(schemas, List.of(new TableSchema(batch.measurement(), schema)), before))
                .then();
    }

    /** Learns what the other writer did, so that the request's retry is decoded against it. */
    private Mono<Void> refresh(DatabaseSchemas schemas, ColumnBatch batch) {
        long before = forgotten.get();
        return catalog.addColumns(schemas.database().table(batch.measurement()), List.of(), false)
                .doOnNext(schema -> learn(schemas, List.of(new TableSchema(batch.measurement(), schema)), before))
                .then();
    }

    private static boolean isConflict(Throwable failure) {
        return failure instanceof WeirException weir && weir.code() == CatalogError.COLUMN_CONFLICT;
    }
}
