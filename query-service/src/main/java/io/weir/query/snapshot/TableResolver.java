package io.weir.query.snapshot;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotHold;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Names;
import io.weir.common.model.TableId;
import io.weir.query.QueryError;
import io.weir.query.plan.EngineNames;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * Finds the measurement a name means: the one spelled exactly so, else the only one spelled so when case is ignored.
 * Stateless and thread-safe; never blocks.
 */
public final class TableResolver {

    private final TableCatalog catalog;
    private final SnapshotReader snapshots;

    /** A resolver over that catalog. */
    public TableResolver(TableCatalog catalog, SnapshotReader snapshots) {
        this.catalog = catalog;
        this.snapshots = snapshots;
    }

    /**
     * The rows of the measurement that name means.
     *
     * @param reading what the query wants of it
     * @param hold keeps the hot ones in memory until it is closed
     * @return fails with {@code database-not-found}, {@code measurement-not-found} (each with near names) or
     *     {@code ambiguous-measurement}
     */
    public Mono<BoundTable> resolve(DatabaseId database, String name, Reading reading, HotHold hold) {
        return find(database, name, table -> snapshots.read(table, reading, hold));
    }

    /**
     * Rows of the measurement that name means which {@code shortcut} finds to be enough, or, where it finds none, those of
     * {@link #resolve(DatabaseId, String, Reading, HotHold)}.
     */
    public Mono<BoundTable> resolve(
            DatabaseId database,
            String name,
            Reading reading,
            HotHold hold,
            Function<TableId, Mono<BoundTable>> shortcut) {
        return find(
                database,
                name,
                table -> shortcut.apply(table).switchIfEmpty(Mono.defer(() -> snapshots.read(table, reading, hold))));
    }

    /** How large the part of the measurement is that {@link #resolve} would give to read; otherwise like {@link #resolve}. */
    public Mono<TableSize> size(DatabaseId database, String name, Reading reading) {
        return find(database, name, table -> snapshots.size(table, reading));
    }

    /** The version of the measurement that name means; otherwise like {@link #resolve}. */
    public Mono<TableVersion> version(DatabaseId database, String name) {
        return find(database, name, snapshots::version);
    }

    private <T> Mono<T> find(DatabaseId database, String name, Function<TableId, Mono<T>> read) {
        return read.apply(database.table(name)).switchIfEmpty(Mono.defer(() -> ignoringCase(database, name, read)));
    }

    private <T> Mono<T> ignoringCase(DatabaseId database, String name, Function<TableId, Mono<T>> read) {
        return catalog.measurements(database).collectList().flatMap(known -> {
            List<String> same = known.stream()
                    .filter(candidate -> EngineNames.same(candidate, name))
                    .toList();
            if (same.size() > 1) {
                return Mono.error(new WeirException(
                        QueryError.AMBIGUOUS_MEASUREMENT,
                        "measurement " + Names.printable(name) + " could be " + String.join(" or ", same),
                        Map.of("candidates", same)));
            }
            return same.isEmpty()
                    ? missing(database, name, known)
                    : read.apply(database.table(same.get(0)))
                            .switchIfEmpty(Mono.defer(() -> missing(database, name, known)));
        });
    }

    private <T> Mono<T> missing(DatabaseId database, String name, List<String> known) {
        return requireDatabase(database)
                .then(Mono.error(() -> notFound(
                        CommonError.MEASUREMENT_NOT_FOUND,
                        "measurement " + Names.printable(name) + " does not exist in database "
                                + Names.printable(database.database()),
                        NearNames.of(name, known))));
    }

    /** Fails with {@code database-not-found} unless the database exists. */
    public Mono<Void> requireDatabase(DatabaseId database) {
        return catalog.databases(database.organisation()).collectList().flatMap(known -> {
            String name = database.database();
            return known.contains(name)
                    ? Mono.empty()
                    : Mono.error(notFound(
                            CommonError.DATABASE_NOT_FOUND,
                            "database " + Names.printable(name) + " does not exist",
                            NearNames.of(name, known)));
        });
    }

    private static WeirException notFound(CommonError code, String detail, List<String> near) {
        String hint = near.isEmpty() ? "" : " (did you mean " + String.join(", ", near) + "?)";
        return new WeirException(code, detail + hint, Map.of("near", near));
    }
}
