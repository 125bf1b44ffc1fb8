package io.weir.storage.catalog;

import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.schema.Column;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Statements that put a copy's rows back. Runs in whatever transaction the caller opened, which must be serializable.
 *
 * <pre>
 *   rows ─ 500 at a time ─ organisations, databases, measurements: made unless they are here
 *                        ─ files: those that are not here are added; keys of all are noted in restoring_files
 *   then ─ replace: files of the databases whose keys are not noted are condemned
 *        ─ else, when files of the copy's catalogs were here: no such file may share an hour with an added one
 *        ─ the noted files are counted, and forgotten
 * </pre>
 */
final class RestoreTables {

    private static final int ROWS_AT_ONCE = 500;
    private static final long HOUR = 3_600_000_000L;
    private static final String NOT_NOTED =
            " AND NOT EXISTS (SELECT 1 FROM restoring_files r WHERE r.object_key = files.object_key)";

    private final DatabaseClient client;
    private final MeasurementTables measurements;
    private final OrganisationTable organisations;
    private final RemovedFiles removed;
    private final PartitionQueue queue;
    private final Clock clock;

    RestoreTables(DatabaseClient client, MeasurementTables measurements, RemovedFiles removed, Clock clock) {
        this.client = client;
        this.measurements = measurements;
        this.organisations = new OrganisationTable(client);
        this.removed = removed;
        this.queue = new PartitionQueue(client);
        this.clock = clock;
    }

    /** A measurement that rows of the copy go to, and what became of it. */
    private static final class Target {
        private final TableId table;
        private final long id;
        private final String changeId;
        private final TreeSet<Long> hours = new TreeSet<>();
        private boolean changed;

        Target(TableId table, long id, String changeId) {
            this.table = table;
            this.id = id;
            this.changeId = changeId;
        }

        void add(DataFile file) {
            changed = true;
            for (long hour = PartitionTier.HOUR.startOf(file.minMicros()); hour <= file.maxMicros(); hour += HOUR) {
                hours.add(hour); // few: a file is of an hour, or of a day
            }
        }
    }

    /** One restoration, step by step. */
    private static final class Run {
        private final Restoration what;
        private final Set<DatabaseId> databases = new HashSet<>();
        private final Map<Long, Target> byNumber = new HashMap<>();
        private final Map<Long, Target> byId = new LinkedHashMap<>();
        private final PartitionQueue.Changes queued = new PartitionQueue.Changes();
        private long madeDatabases;
        private long madeMeasurements;
        private long files;
        private long rows;
        private long filesThere;
        private long rowsThere;
        private long filesRemoved;
        private long rowsRemoved;

        Run(Restoration what) {
            this.what = what;
        }

        Target target(TableId table, long id) {
            return byId.computeIfAbsent(id, key -> new Target(table, key, what.id() + "." + byId.size()));
        }

        Restored restored() {
            return new Restored(
                    madeDatabases, madeMeasurements, files, rows, filesThere, rowsThere, filesRemoved, rowsRemoved);
        }
    }

    Mono<Restored> restore(Restoration what) {
        return Mono.defer(() -> {
            Run run = new Run(what);
            return what.rows()
                    .buffer(ROWS_AT_ONCE)
                    .concatMap(rows -> add(run, rows), 1)
                    .then(Mono.defer(() -> what.replace() ? removeOthers(run) : refuseDoubles(run)))
                    .then(Mono.defer(() -> count(run)))
                    .then(Mono.defer(() -> record(run)))
                    .then(Mono.fromSupplier(run::restored));
        });
    }

    private Mono<Void> add(Run run, List<CatalogRow> rows) {
        return addOrganisations(of(rows, CatalogRow.OfOrganisation.class))
                .thenMany(Flux.fromIterable(of(rows, CatalogRow.OfDatabase.class)))
                .concatMap(row -> addDatabase(run, row.database()))
                .thenMany(Flux.fromIterable(of(rows, CatalogRow.OfMeasurement.class)))
                .concatMap(row -> addMeasurement(run, row))
                .then(Mono.defer(() -> addFiles(run, of(rows, CatalogRow.OfFile.class))));
    }

    private static <T> List<T> of(List<CatalogRow> rows, Class<T> kind) {
        return rows.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private Mono<Void> addOrganisations(List<CatalogRow.OfOrganisation> rows) {
        return Flux.fromIterable(rows)
                .map(CatalogRow.OfOrganisation::organisation)
                .filterWhen(organisation ->
                        organisations.exists(organisation.name()).map(exists -> !exists))
                .concatMap(organisations::add)
                .then();
    }

    private Mono<Void> addDatabase(Run run, DatabaseId database) {
        run.databases.add(database);
        return measurements
                .createDatabase(database)
                .doOnNext(created -> run.madeDatabases += created ? 1 : 0)
                .then();
    }

    private Mono<Void> addMeasurement(Run run, CatalogRow.OfMeasurement row) {
        return measurements
                .find(row.table())
                .flatMap(there -> run.what.replace()
                        ? replaceColumns(row, there).thenReturn(there)
                        : requireSameColumns(row, there).thenReturn(there))
                .switchIfEmpty(Mono.defer(() -> {
                    run.madeMeasurements++;
                    return grow(row).then(measurements.find(row.table()));
                }))
                .flatMap(there -> {
                    run.byNumber.put(row.number(), run.target(row.table(), there.id()));
                    return dedup(run, row, there.id());
                });
    }

    private Mono<Void> grow(CatalogRow.OfMeasurement row) {
        NewColumns columns = new NewColumns(
                row.table().measurement(), row.schema().columns(), row.schema().hasNanos());
        return measurements
                .addColumns(row.table().databaseId(), List.of(columns))
                .then();
    }

    private Mono<Void> replaceColumns(CatalogRow.OfMeasurement row, MeasurementTables.Measurement there) {
        if (there.schema().equals(row.schema())) {
            return Mono.empty();
        }
        return client.sql("DELETE FROM measurement_columns WHERE measurement_id = :id")
                .bind("id", there.id())
                .then()
                .then(client.sql("UPDATE measurements SET has_nanos = 0 WHERE id = :id")
                        .bind("id", there.id())
                        .then())
                .then(Mono.defer(() -> grow(row)));
    }

    /** A column's place is its name in files, so both have to agree as far as both go. */
    private Mono<Void> requireSameColumns(CatalogRow.OfMeasurement row, MeasurementTables.Measurement there) {
        List<Column> here = there.schema().columns();
        List<Column> copied = row.schema().columns();
        for (int i = 0; i < Math.min(here.size(), copied.size()); i++) {
            if (!here.get(i).equals(copied.get(i))) {
                return Mono.error(new WeirException(
                        CatalogError.COLUMN_CONFLICT,
                        "column " + (i + 1) + " of " + row.table() + " is \""
                                + here.get(i).name() + "\" ("
                                + here.get(i).type().noun() + ") here and \""
                                + copied.get(i).name() + "\" ("
                                + copied.get(i).type().noun()
                                + ") in the copy (expected: the same columns in the same order, or to replace)",
                        Map.of("column", copied.get(i).name())));
            }
        }
        boolean more = copied.size() > here.size()
                || (row.schema().hasNanos() && !there.schema().hasNanos());
        return more ? grow(row) : Mono.empty();
    }

    /** What was said here stays, unless it is replaced. */
    private Mono<Void> dedup(Run run, CatalogRow.OfMeasurement row, long id) {
        if (row.dedup().isEmpty() && !run.what.replace()) {
            return Mono.empty();
        }
        return client.sql("UPDATE measurements SET dedup = :dedup WHERE id = :id"
                        + (run.what.replace() ? "" : " AND dedup = 0"))
                .bind("dedup", row.dedup().map(Dedup::code).orElse(0))
                .bind("id", id)
                .then();
    }

    /** A file that is here. */
    private record There(long measurement, long bytes) {}

    private Mono<Void> addFiles(Run run, List<CatalogRow.OfFile> rows) {
        if (rows.isEmpty()) {
            return Mono.empty();
        }
        BulkInsert noted = new BulkInsert("restoring_files", "object_key");
        rows.forEach(row -> noted.row(row.file().objectKey()));
        return noted.run(client)
                .then(client.sql("SELECT object_key, measurement_id, size_bytes FROM files WHERE object_key IN (:keys)")
                        .bind(
                                "keys",
                                rows.stream().map(row -> row.file().objectKey()).toList())
                        .map(row -> Map.entry(Rows.text(row, 0), new There(Rows.number(row, 1), Rows.number(row, 2))))
                        .all()
                        .collectMap(Map.Entry::getKey, Map.Entry::getValue))
                .flatMap(there -> insert(run, rows, there));
    }

    private Mono<Void> insert(Run run, List<CatalogRow.OfFile> rows, Map<String, There> there) {
        FileTables.NewFiles files = new FileTables.NewFiles();
        List<DataFile> added = new ArrayList<>();
        for (CatalogRow.OfFile row : rows) {
            DataFile file = row.file();
            Target target =
                    Objects.requireNonNull(run.byNumber.get(row.measurement()), "a file before its measurement");
            There same = there.get(file.objectKey());
            if (same != null) {
                requireSame(target, file, same);
                run.filesThere++;
                run.rowsThere += file.rows();
                continue;
            }
            added.add(file);
            run.files++;
            run.rows += file.rows();
            target.add(file);
            run.queued.add(target.id, file);
            files.add(target.id, target.changeId, file);
        }
        return removed.refuse(Flux.fromIterable(added)).then(Mono.defer(() -> files.run(client)));
    }

    private static void requireSame(Target target, DataFile file, There there) {
        if (there.measurement() != target.id || there.bytes() != file.sizeBytes()) {
            throw new WeirException(
                    CatalogError.COMMIT_CONFLICT,
                    "file " + file.objectKey() + " is here already and is another one: it has " + there.bytes()
                            + " bytes (expected: " + file.sizeBytes() + ", of " + target.table + ")",
                    Map.of("key", file.objectKey()));
        }
    }

    /** Files of the databases that are not in the copy, of measurements besides too. */
    private Mono<Void> removeOthers(Run run) {
        return Flux.fromIterable(run.databases)
                .concatMap(database -> client.sql("SELECT m.id, m.name FROM measurements m"
                                + " JOIN databases d ON d.id = m.database_id"
                                + " WHERE d.organisation = :organisation AND d.name = :database ORDER BY m.id")
                        .bind("organisation", database.organisation())
                        .bind("database", database.database())
                        .map(row -> run.target(database.table(Rows.text(row, 1)), Rows.number(row, 0)))
                        .all()
                        .collectList())
                .concatMapIterable(targets -> targets)
                .concatMap(target -> removeOthers(run, target))
                .then();
    }

    private Mono<Void> removeOthers(Run run, Target target) {
        return client.sql(
                        "DELETE FROM files WHERE measurement_id = :id" + NOT_NOTED + " RETURNING object_key, row_count")
                .bind("id", target.id)
                .map(row -> Map.entry(Rows.text(row, 0), Rows.number(row, 1)))
                .all()
                .collectList()
                .flatMap(gone -> {
                    target.changed |= !gone.isEmpty();
                    run.filesRemoved += gone.size();
                    gone.forEach(file -> run.rowsRemoved += file.getValue());
                    return removed.add(gone.stream().map(Map.Entry::getKey).toList(), nowMicros());
                });
    }

    /** Files of one catalog that share an hour may share rows: one may have been made of the other. */
    private Mono<Void> refuseDoubles(Run run) {
        return origins()
                .filter(origins -> run.what.origins().stream().anyMatch(origins::contains))
                .flatMapMany(same -> Flux.fromIterable(run.byId.values()))
                .filter(target -> !target.hours.isEmpty())
                .concatMap(target -> client.sql(
                                "SELECT object_key, min_micros, max_micros FROM files WHERE measurement_id = :id"
                                        + NOT_NOTED)
                        .bind("id", target.id)
                        .map(row -> new DataFile(Rows.text(row, 0), Rows.number(row, 1), Rows.number(row, 2), 0, 0))
                        .all()
                        .collectList()
                        .doOnNext(others -> others.forEach(other -> requireApart(target, other))))
                .then();
    }

    private static void requireApart(Target target, DataFile other) {
        Long hour = target.hours.ceiling(PartitionTier.HOUR.startOf(other.minMicros()));
        if (hour != null && hour <= other.maxMicros()) {
            throw new WeirException(
                    CatalogError.COMMIT_CONFLICT,
                    "rows of " + target.table + " in the copy may be here already, in file " + other.objectKey()
                            + ", which is not in the copy: files were merged, or rows came, since (expected: to replace, or"
                            + " to restore into another catalog)",
                    Map.of("measurement", target.table.measurement()));
        }
    }

    private Mono<Void> count(Run run) {
        return client.sql("SELECT COUNT(*), CAST(COALESCE(SUM(f.row_count), 0) AS BIGINT) FROM files f"
                        + " JOIN restoring_files r ON r.object_key = f.object_key")
                .map(row -> List.of(Rows.number(row, 0), Rows.number(row, 1)))
                .one()
                .flatMap(counted -> counted.equals(List.of(run.files + run.filesThere, run.rows + run.rowsThere))
                        ? client.sql("DELETE FROM restoring_files").then()
                        : Mono.error(new WeirException(
                                CatalogError.COMMIT_CONFLICT,
                                counted.get(0) + " files with " + counted.get(1) + " rows would be here (expected: "
                                        + (run.files + run.filesThere) + " with " + (run.rows + run.rowsThere) + ")")));
    }

    private Mono<Void> record(Run run) {
        List<Target> changed =
                run.byId.values().stream().filter(target -> target.changed).toList();
        return Flux.fromIterable(changed)
                .buffer(ROWS_AT_ONCE)
                .concatMap(this::advance)
                .then(queue.add(run.queued, nowMicros()))
                .then(Mono.defer(() -> remember(run)));
    }

    private Mono<Void> advance(List<Target> targets) {
        List<Long> ids = targets.stream().map(target -> target.id).toList();
        Map<Long, String> changeIds = new HashMap<>();
        targets.forEach(target -> changeIds.put(target.id, target.changeId));
        return client.sql("UPDATE measurements SET commit_sequence = commit_sequence + 1 WHERE id IN (:ids)"
                        + " RETURNING id, commit_sequence")
                .bind("ids", ids)
                .map(row -> Map.entry(Rows.number(row, 0), Rows.number(row, 1)))
                .all()
                .collectList()
                .flatMap(advanced -> {
                    BulkInsert changes = FileTables.newChanges();
                    advanced.forEach(to -> changes.row(
                            Objects.requireNonNull(changeIds.get(to.getKey())),
                            to.getKey(),
                            to.getValue(),
                            nowMicros()));
                    return changes.run(client);
                });
    }

    private Mono<Void> remember(Run run) {
        return removed.identity().flatMap(own -> {
            BulkInsert origins = new BulkInsert("restored_origins", "identity").onConflict("(identity) DO NOTHING");
            run.what.origins().stream().filter(origin -> !origin.equals(own)).forEach(origins::row);
            return origins.run(client);
        });
    }

    /** The catalog's own name and those of the catalogs that were restored into it. */
    Mono<Set<String>> origins() {
        return removed.identity()
                .flatMap(own -> client.sql("SELECT identity FROM restored_origins")
                        .map(row -> Rows.text(row, 0))
                        .all()
                        .collect(HashSet<String>::new, Set::add)
                        .map(names -> {
                            names.add(own);
                            return Set.copyOf(names);
                        }));
    }

    private long nowMicros() {
        return clock.millis() * 1000;
    }
}
