package io.weir.ingest.schema;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.NewColumns;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The schemas of every database written to, in memory, in step with the catalog. New columns are committed to the
 * catalog before the rows that brought them are logged, so that replicas never accept one column under two types and
 * whatever is logged can be flushed. A row that is rejected never reaches {@link #admit}, so it leaves no column behind.
 * Thread-safe.
 */
public final class SchemaRegistry {

    private final Catalog catalog;
    private final boolean autoCreate;
    private final Map<DatabaseId, Mono<DatabaseSchemas>> databases = new ConcurrentHashMap<>();

    /**
     * A registry over that catalog.
     *
     * @param autoCreate whether a write may create databases and measurements
     */
    public SchemaRegistry(Catalog catalog, boolean autoCreate) {
        this.catalog = catalog;
        this.autoCreate = autoCreate;
    }

    /**
     * The schemas of that database, read from the catalog the first time. A database that does not exist has none.
     *
     * @return an error {@code catalog-unavailable} when they cannot be read; the next call tries again
     */
    public Mono<DatabaseSchemas> open(DatabaseId database) {
        Mono<DatabaseSchemas> known = databases.get(database);
        if (known != null) {
            return known;
        }
        Mono<DatabaseSchemas> loading = catalog.schemas(database)
                .collectMap(table -> table.measurement(), table -> table.schema())
                .map(schemas -> new DatabaseSchemas(database, schemas))
                .cacheInvalidateIf(schemas -> false)
                .doOnError(e -> databases.remove(database));
        Mono<DatabaseSchemas> raced = databases.putIfAbsent(database, loading);
        return raced == null ? loading : raced;
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
                .onErrorMap(
                        SchemaRegistry::isConflict,
                        e -> new WeirException(
                                CommonError.OVERLOADED,
                                "another write gave a column a different type at the same moment; send this one again",
                                e));
    }

    private Mono<Void> requireDatabase(DatabaseSchemas schemas) {
        if (schemas.exists()) {
            return Mono.empty();
        }
        if (!autoCreate) {
            return catalog.databases(schemas.database().organisation())
                    .any(schemas.database().database()::equals)
                    .flatMap(exists -> exists ? Mono.fromRunnable(schemas::created) : Mono.error(unknown(schemas)));
        }
        return catalog.createDatabase(schemas.database())
                .doOnSuccess(created -> schemas.created())
                .then();
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
        return catalog.addColumns(schemas.database(), wanted)
                .doOnNext(grown -> grown.forEach(table -> schemas.put(table.measurement(), table.schema())))
                .then()
                .onErrorResume(
                        SchemaRegistry::isConflict,
                        e -> Flux.fromIterable(growing)
                                .concatMap(batch -> grow(schemas, batch))
                                .then());
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
        return catalog.addColumns(
                        schemas.database().table(batch.measurement()), batch.columns(), batch.timeNanos() != null)
                .onErrorResume(
                        SchemaRegistry::isConflict, e -> refresh(schemas, batch).then(Mono.error(e)))
                .doOnNext(schema -> schemas.put(batch.measurement(), schema))
                .then();
    }

    /** Learns what the other writer did, so that the request's retry is decoded against it. */
    private Mono<Void> refresh(DatabaseSchemas schemas, ColumnBatch batch) {
        return catalog.addColumns(schemas.database().table(batch.measurement()), List.of(), false)
                .doOnNext(schema -> schemas.put(batch.measurement(), schema))
                .then();
    }

    private static boolean isConflict(Throwable failure) {
        return failure instanceof WeirException weir && weir.code() == CatalogError.COLUMN_CONFLICT;
    }
}
