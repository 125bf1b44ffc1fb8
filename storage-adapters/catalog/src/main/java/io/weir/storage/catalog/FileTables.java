package io.weir.storage.catalog;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.stats.FileTags;
import java.time.Clock;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Statements that change files, and those over flushes. Runs in whatever transaction the caller opened. */
final class FileTables {

    private static final int NAMES_A_STATEMENT = 500;

    private final DatabaseClient client;
    private final Clock clock;
    private final LeaseTable leases;
    private final RemovedFiles removed;
    private final PartitionQueue queue;
    private final DeleteTables deletes;

    FileTables(DatabaseClient client, Clock clock, LeaseTable leases, RemovedFiles removed, DeleteTables deletes) {
        this.deletes = deletes;
        this.client = client;
        this.clock = clock;
        this.leases = leases;
        this.removed = removed;
        this.queue = new PartitionQueue(client);
    }

    /** Commits those flushes that are not committed yet. */
    Mono<Void> commit(List<FlushCommit> commits) {
        Map<String, FlushCommit> byId = new LinkedHashMap<>();
        commits.forEach(commit -> byId.putIfAbsent(commit.flushId(), commit));
        return Flux.fromIterable(byId.keySet())
                .buffer(NAMES_A_STATEMENT)
                .concatMap(this::committed)
                .doOnNext(done -> byId.keySet().removeAll(done))
                .then(Mono.defer(() -> commitNew(List.copyOf(byId.values()))));
    }

    private Mono<Void> commitNew(List<FlushCommit> commits) {
        if (commits.isEmpty()) {
            return Mono.empty();
        }
        return removed.refuse(Flux.fromIterable(commits).flatMapIterable(FlushCommit::files))
                .then(Mono.defer(() -> measurements(commits)))
                .flatMap(found -> advance(found.values()).then(Mono.defer(() -> record(commits, found))));
    }

    /** A measurement's row and the commit sequence it had before this transaction. */
    record Measurement(long id, long commitSequence, long pendingDeletes) {}

    private Mono<Map<TableId, Measurement>> measurements(List<FlushCommit> commits) {
        Map<DatabaseId, Set<String>> names = new LinkedHashMap<>();
        for (FlushCommit commit : commits) {
            names.computeIfAbsent(commit.table().databaseId(), database -> new LinkedHashSet<>())
                    .add(commit.table().measurement());
        }
        return Flux.fromIterable(names.entrySet())
                .concatMap(of -> Flux.fromIterable(of.getValue())
                        .buffer(NAMES_A_STATEMENT)
                        .concatMap(some -> measurements(of.getKey(), some)))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue)
                .doOnNext(found -> commits.forEach(commit -> requireFound(commit.table(), found)));
    }

    private Flux<Map.Entry<TableId, Measurement>> measurements(DatabaseId database, List<String> names) {
        return client.sql("SELECT m.name, m.id, m.commit_sequence, m.pending_deletes FROM measurements m"
                        + " JOIN databases d ON d.id = m.database_id"
                        + " WHERE d.organisation = :organisation AND d.name = :database AND m.name IN (:names)")
                .bind("organisation", database.organisation())
                .bind("database", database.database())
                .bind("names", names)
                .map(row -> Map.entry(
                        database.table(Rows.text(row, 0)),
                        new Measurement(Rows.number(row, 1), Rows.number(row, 2), Rows.number(row, 3))))
                .all();
    }

    private static void requireFound(TableId table, Map<TableId, Measurement> found) {
        if (!found.containsKey(table)) {
            throw notFound(table);
        }
    }

    static WeirException notFound(TableId table) {
        return new WeirException(
                CommonError.MEASUREMENT_NOT_FOUND,
                "measurement " + table + " does not exist",
                Map.of("measurement", table.measurement()));
    }

    private Mono<Void> advance(Collection<Measurement> changed) {
        return Flux.fromIterable(changed)
                .map(Measurement::id)
                .buffer(NAMES_A_STATEMENT)
                .concatMap(some -> client.sql(
                                "UPDATE measurements SET commit_sequence = commit_sequence + 1 WHERE id IN (:ids)")
                        .bind("ids", some)
                        .then())
                .then();
    }

    /** One transaction is one commit sequence of a measurement, also when several of its flushes are in it. */
    private Mono<Void> record(List<FlushCommit> commits, Map<TableId, Measurement> found) {
        BulkInsert flushes = new BulkInsert(
                "flushes",
                "flush_id",
                "measurement_id",
                "wal_id",
                "first_sequence",
                "last_sequence",
                "commit_sequence",
                "committed_micros");
        NewFiles files = new NewFiles();
        PartitionQueue.Changes changes = new PartitionQueue.Changes();
        long now = clock.millis() * 1000;
        for (FlushCommit commit : commits) {
            Measurement of = Objects.requireNonNull(found.get(commit.table()));
            flushes.row(
                    commit.flushId(),
                    of.id(),
                    commit.walId(),
                    commit.firstSequence(),
                    commit.lastSequence(),
                    of.commitSequence() + 1,
                    now);
            for (DataFile file : commit.files()) {
                files.add(of.id(), commit.flushId(), file);
                changes.add(of.id(), file);
            }
        }
        return flushes.run(client).then(files.run(client)).then(queue.add(changes, now));
    }

    static BulkInsert newChanges() {
        return new BulkInsert("file_changes", "change_id", "measurement_id", "commit_sequence", "committed_micros");
    }

    /** Files to be inserted, with what is known of their tags. */
    static final class NewFiles {

        private final BulkInsert files = new BulkInsert(
                "files",
                "object_key",
                "measurement_id",
                "flush_id",
                "span_class",
                "min_micros",
                "max_micros",
                "row_count",
                "size_bytes");
        private final BulkInsert tags = new BulkInsert("file_tags", "object_key", "tags");

        /** Adds a file that a flush, or a change, of that id made. */
        void add(long measurementId, String id, DataFile file) {
            files.row(
                    file.objectKey(),
                    measurementId,
                    id,
                    FileSpan.of(file.minMicros(), file.maxMicros()).code(),
                    file.minMicros(),
                    file.maxMicros(),
                    file.rows(),
                    file.sizeBytes());
            if (!file.tags().equals(FileTags.UNKNOWN)) {
                tags.row(file.objectKey(), file.tags().encode());
            }
        }

        Mono<Void> run(DatabaseClient client) {
            return files.run(client).then(tags.run(client));
        }
    }

    /** Applies a change unless it was applied before. */
    Mono<Void> change(FileChange change) {
        return client.sql("SELECT change_id FROM file_changes WHERE change_id = :id")
                .bind("id", change.id())
                .map(row -> Rows.text(row, 0))
                .one()
                .hasElement()
                .flatMap(applied -> applied ? Mono.empty() : changeNew(change));
    }

    private Mono<Void> changeNew(FileChange change) {
        Mono<Void> held = change.lease() == null ? Mono.empty() : leases.requireHeld(change.lease());
        return held.then(Mono.defer(() -> require(change.table())))
                .flatMap(of -> advance(of)
                        .then(Mono.defer(() -> apply(change, of)))
                        .then(Mono.defer(() -> remove(change, of)))
                        .then(removed.refuse(Flux.fromIterable(change.added())))
                        .then(Mono.defer(() -> add(change, of)))
                        .then(removed.add(change.removed(), clock.millis() * 1000)));
    }

    /** That measurement; an error {@code measurement-not-found}. */
    Mono<Measurement> require(TableId table) {
        return measurements(table.databaseId(), List.of(table.measurement()))
                .map(Map.Entry::getValue)
                .singleOrEmpty()
                .switchIfEmpty(Mono.error(() -> notFound(table)));
    }

    /** Gives the measurement its next commit sequence. */
    Mono<Void> advance(Measurement of) {
        return advance(List.of(of));
    }

    /** Of a measurement with deleted rows: that they do not come back with a file that is added in the place of theirs. */
    private Mono<Void> apply(FileChange change, Measurement of) {
        if (of.pendingDeletes() == 0 && change.deletes().isEmpty()) {
            return Mono.empty();
        }
        long now = clock.millis() * 1000;
        return deletes.apply(change, of.id(), now)
                .then(Mono.defer(() -> change.deletes().isEmpty() ? Mono.empty() : requeue(of, change.added(), now)));
    }

    /** Lets compaction look at files that it went around while rows of them were deleted. */
    Mono<Void> requeue(Measurement of, List<DataFile> changed, long nowMicros) {
        PartitionQueue.Changes changes = new PartitionQueue.Changes();
        changed.forEach(file -> changes.add(of.id(), file));
        return queue.add(changes, nowMicros);
    }

    private Mono<Void> remove(FileChange change, Measurement from) {
        return Flux.fromIterable(change.removed())
                .buffer(NAMES_A_STATEMENT)
                .concatMap(some -> client.sql("DELETE FROM files WHERE measurement_id = :id AND object_key IN (:keys)"
                                + " RETURNING object_key")
                        .bind("id", from.id())
                        .bind("keys", some)
                        .map(row -> Rows.text(row, 0))
                        .all())
                .collect(HashSet<String>::new, Set::add)
                .flatMap(gone -> change.removed().stream()
                        .filter(key -> !gone.contains(key))
                        .findFirst()
                        .map(missing -> Mono.<Void>error(new WeirException(
                                CatalogError.COMMIT_CONFLICT,
                                "change " + change.id() + " of " + change.table() + " would remove " + missing
                                        + ", which is not there (expected: the files it has read)")))
                        .orElse(Mono.empty()));
    }

    private Mono<Void> add(FileChange change, Measurement to) {
        NewFiles files = new NewFiles();
        change.added().forEach(file -> files.add(to.id(), change.id(), file));
        BulkInsert changes = newChanges();
        changes.row(change.id(), to.id(), to.commitSequence() + 1, clock.millis() * 1000);
        return files.run(client).then(changes.run(client));
    }

    Mono<Long> forgetChanges(long committedBeforeMicros) {
        return client.sql("DELETE FROM file_changes WHERE committed_micros < :committed")
                .bind("committed", committedBeforeMicros)
                .fetch()
                .rowsUpdated();
    }

    /** Which of those flushes are committed. */
    Mono<Set<String>> committed(Collection<String> flushIds) {
        if (flushIds.isEmpty()) {
            return Mono.just(Set.of());
        }
        return client.sql("SELECT flush_id FROM flushes WHERE flush_id IN (:ids)"
                        + " UNION ALL SELECT flush_id FROM dropped_flushes WHERE flush_id IN (:ids)")
                .bind("ids", List.copyOf(flushIds))
                .map(row -> Rows.text(row, 0))
                .all()
                .collect(HashSet<String>::new, Set::add)
                .map(ids -> ids);
    }

    Flux<CommittedRange> committedRanges(String walId, long fromSequence) {
        return client.sql("SELECT d.organisation, d.name, m.name, f.first_sequence, f.last_sequence FROM flushes f"
                        + " JOIN measurements m ON m.id = f.measurement_id JOIN databases d ON d.id = m.database_id"
                        + " WHERE f.wal_id = :wal AND f.last_sequence >= :from"
                        + " UNION ALL SELECT organisation, database_name, measurement, first_sequence, last_sequence"
                        + " FROM dropped_flushes WHERE wal_id = :wal AND last_sequence >= :from")
                .bind("wal", walId)
                .bind("from", fromSequence)
                .map(row -> new CommittedRange(
                        new TableId(Rows.text(row, 0), Rows.text(row, 1), Rows.text(row, 2)),
                        Rows.number(row, 3),
                        Rows.number(row, 4)))
                .all();
    }

    Mono<Long> forgetFlushes(String walId, long beforeSequence, long committedBeforeMicros) {
        return forgetFlushes("flushes", walId, beforeSequence, committedBeforeMicros)
                .flatMap(some -> forgetFlushes("dropped_flushes", walId, beforeSequence, committedBeforeMicros)
                        .map(others -> some + others));
    }

    private Mono<Long> forgetFlushes(String table, String walId, long beforeSequence, long committedBeforeMicros) {
        return client.sql("DELETE FROM " + table + " WHERE wal_id = :wal AND last_sequence < :before"
                        + " AND committed_micros < :committed")
                .bind("wal", walId)
                .bind("before", beforeSequence)
                .bind("committed", committedBeforeMicros)
                .fetch()
                .rowsUpdated();
    }
}
