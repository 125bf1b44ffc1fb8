package io.weir.storage.catalog;

import io.weir.common.error.WeirException;
import io.weir.common.model.TableId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Statements over deletes and the files they apply to. Runs in whatever transaction the caller opened. */
final class DeleteTables {

    private static final int KEYS_A_STATEMENT = 500;
    private static final int PENDING = FileOutcome.PENDING.code();

    private final DatabaseClient client;

    DeleteTables(DatabaseClient client) {
        this.client = client;
    }

    /** Adds a delete without files; {@code policyId} is empty where somebody asked for it. */
    Mono<Void> add(NewDelete delete, String policyId, FileTables.Measurement of, long nowMicros) {
        TableId table = delete.table();
        BulkInsert row = new BulkInsert(
                "deletes",
                "delete_id",
                "organisation",
                "database_name",
                "measurement",
                "measurement_id",
                "predicate",
                "whole_times",
                "matching_rows",
                "commit_sequence",
                "began_micros",
                "ended_micros",
                "policy_id");
        row.row(
                delete.id(),
                table.organisation(),
                table.database(),
                table.measurement(),
                of.id(),
                delete.predicate(),
                delete.wholeTimes() ? 1 : 0,
                delete.matchingRows(),
                of.commitSequence() + 1,
                nowMicros,
                0L,
                policyId);
        return row.run(client);
    }

    /** Gives a delete the files of its times. */
    Mono<Void> addFiles(NewDelete delete, long measurementId, long nowMicros) {
        return addFiles(delete.id(), nowMicros, measurementId, "min_micros <= :to AND max_micros >= :from")
                .bind("from", delete.times().fromMicros())
                .bind("to", delete.times().toMicros())
                .then();
    }

    /** Gives a delete those files, or fails with {@code commit-conflict} when one of them is gone. */
    Mono<Void> addFiles(PolicyDelete delete, long measurementId, long nowMicros) {
        return Flux.fromIterable(delete.files())
                .buffer(KEYS_A_STATEMENT)
                .concatMap(keys -> addFiles(delete.delete().id(), nowMicros, measurementId, "object_key IN (:keys)")
                        .bind("keys", keys)
                        .fetch()
                        .rowsUpdated())
                .reduce(0L, Long::sum)
                .flatMap(added -> added == delete.files().size()
                        ? Mono.empty()
                        : Mono.error(new WeirException(
                                CatalogError.COMMIT_CONFLICT,
                                "delete " + delete.delete().id() + " of "
                                        + delete.delete().table() + " finds " + added + " of its files (expected: the "
                                        + delete.files().size() + " it has read)",
                                Map.of("delete", delete.delete().id()))));
    }

    private DatabaseClient.GenericExecuteSpec addFiles(
            String id, long nowMicros, long measurementId, String condition) {
        return client.sql("INSERT INTO delete_files (delete_id, object_key, measurement_id, state, rows_before,"
                        + " rows_removed, failures, due_micros, failure)"
                        + " SELECT :delete, object_key, measurement_id, " + PENDING + ", row_count, 0, 0, :now, ''"
                        + " FROM files WHERE measurement_id = :id AND " + condition)
                .bind("delete", id)
                .bind("now", nowMicros)
                .bind("id", measurementId);
    }

    /** Forgets those deletes that ended before then. @return how many */
    Mono<Long> forget(String which, long endedBeforeMicros) {
        String old = which + " AND ended_micros > 0 AND ended_micros < :before";
        return client.sql(
                        "DELETE FROM delete_files WHERE delete_id IN (SELECT delete_id FROM deletes WHERE " + old + ")")
                .bind("before", endedBeforeMicros)
                .then()
                .then(client.sql("DELETE FROM deletes WHERE " + old)
                        .bind("before", endedBeforeMicros)
                        .fetch()
                        .rowsUpdated());
    }

    /** Predicates of deleted rows of a measurement by the files that still have them. */
    Mono<Map<String, List<String>>> hidden(long measurementId, long pendingDeletes) {
        if (pendingDeletes == 0) {
            return Mono.just(Map.of());
        }
        return client.sql(
                        "SELECT f.object_key, d.predicate FROM delete_files f JOIN deletes d ON d.delete_id = f.delete_id"
                                + " WHERE f.measurement_id = :id AND f.state = " + PENDING
                                + " ORDER BY d.commit_sequence, d.delete_id")
                .bind("id", measurementId)
                .map(row -> Map.entry(Rows.text(row, 0), Rows.text(row, 1)))
                .all()
                .collect(
                        HashMap<String, List<String>>::new,
                        (map, entry) -> map.computeIfAbsent(entry.getKey(), key -> new ArrayList<>(1))
                                .add(entry.getValue()))
                .map(map -> map);
    }

    /** Applies the deletes of a change to the files it removes, or fails with {@code commit-conflict}. */
    Mono<Void> apply(FileChange change, long measurementId, long nowMicros) {
        return Flux.fromIterable(change.removed())
                .buffer(KEYS_A_STATEMENT)
                .concatMap(keys -> client.sql("SELECT DISTINCT delete_id FROM delete_files WHERE object_key IN (:keys)"
                                + " AND state = " + PENDING)
                        .bind("keys", keys)
                        .map(row -> Rows.text(row, 0))
                        .all())
                .collect(HashSet<String>::new, Set::add)
                .flatMap(pending -> {
                    boolean all = pending.equals(change.deletes());
                    if (!all && (!change.added().isEmpty() || !change.deletes().isEmpty())) {
                        return Mono.error(new WeirException(
                                CatalogError.COMMIT_CONFLICT,
                                "change " + change.id() + " of " + change.table() + " applies "
                                        + change.deletes().size() + " deletes to its files (expected: the "
                                        + pending.size() + " they have)",
                                Map.of("change", change.id())));
                    }
                    return pending.isEmpty() ? Mono.empty() : settle(change, measurementId, nowMicros);
                });
    }

    private Mono<Void> settle(FileChange change, long measurementId, long nowMicros) {
        FileOutcome outcome = change.deletes().isEmpty()
                ? FileOutcome.GONE
                : change.added().isEmpty() ? FileOutcome.REMOVED : FileOutcome.REWRITTEN;
        long left = change.added().stream().mapToLong(DataFile::rows).sum();
        return Flux.fromIterable(change.removed())
                .buffer(KEYS_A_STATEMENT)
                .concatMap(keys -> outcome(keys, outcome, left))
                .then(Mono.defer(() -> end(measurementId, nowMicros)));
    }

    /** Says what became of files; {@code rowsLeft} of their rows are in others. */
    private Mono<Void> outcome(List<String> keys, FileOutcome outcome, long rowsLeft) {
        return client.sql("UPDATE delete_files SET state = :state, rows_removed = rows_before - :left, failure = ''"
                        + " WHERE object_key IN (:keys) AND state = " + PENDING)
                .bind("state", outcome.code())
                .bind("left", rowsLeft)
                .bind("keys", keys)
                .then();
    }

    /** Says that a file has no row of those deletes. */
    Mono<Void> unchanged(String key, Set<String> deletes, long measurementId, long nowMicros) {
        return client.sql("UPDATE delete_files SET state = " + FileOutcome.UNCHANGED.code()
                        + ", failure = '' WHERE object_key = :key AND delete_id IN (:deletes) AND state = " + PENDING)
                .bind("key", key)
                .bind("deletes", List.copyOf(deletes))
                .then()
                .then(Mono.defer(() -> end(measurementId, nowMicros)));
    }

    /** Says that files are gone, with their measurements: those for which a condition with {@code :id} is true. */
    Mono<Void> dropped(String condition, long id, long nowMicros) {
        return client.sql("UPDATE delete_files SET state = " + FileOutcome.GONE.code()
                        + ", rows_removed = rows_before, failure = '' WHERE state = " + PENDING + " AND " + condition)
                .bind("id", id)
                .then()
                .then(client.sql("UPDATE deletes SET ended_micros = :now WHERE ended_micros = 0 AND " + condition)
                        .bind("now", nowMicros)
                        .bind("id", id)
                        .then());
    }

    /** Ends the deletes of a measurement that have no file left, and counts those that have. */
    Mono<Void> end(long measurementId, long nowMicros) {
        return client.sql("UPDATE deletes SET ended_micros = :now WHERE measurement_id = :id AND ended_micros = 0"
                        + " AND NOT EXISTS (SELECT 1 FROM delete_files f WHERE f.delete_id = deletes.delete_id"
                        + " AND f.state = " + PENDING + ")")
                .bind("now", nowMicros)
                .bind("id", measurementId)
                .then()
                .then(client.sql("UPDATE measurements SET pending_deletes = (SELECT COUNT(*) FROM deletes d"
                                + " WHERE d.measurement_id = :id AND d.ended_micros = 0) WHERE id = :id")
                        .bind("id", measurementId)
                        .then());
    }
}
