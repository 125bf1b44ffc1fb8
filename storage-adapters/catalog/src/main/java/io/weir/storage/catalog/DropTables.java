package io.weir.storage.catalog;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import java.util.List;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Statements that take measurements and databases away. Runs in whatever transaction the caller opened. */
final class DropTables {

    /** What has rows of a measurement, each before what it refers to. */
    private static final List<String> TABLES = List.of(
            "flushes",
            "file_changes",
            "compaction_queue",
            "compaction_runs",
            "quarantined_files",
            "files",
            "measurement_columns");

    private final DatabaseClient client;
    private final RemovedFiles removed;
    private final DeleteTables deletes;

    DropTables(DatabaseClient client, RemovedFiles removed, DeleteTables deletes) {
        this.client = client;
        this.removed = removed;
        this.deletes = deletes;
    }

    /** Drops a measurement; false when there is none. */
    Mono<Boolean> measurement(TableId table, long nowMicros) {
        return client.sql("SELECT m.id FROM measurements m JOIN databases d ON d.id = m.database_id"
                        + " WHERE d.organisation = :organisation AND d.name = :database AND m.name = :measurement")
                .bind("organisation", table.organisation())
                .bind("database", table.database())
                .bind("measurement", table.measurement())
                .map(row -> Rows.number(row, 0))
                .one()
                .flatMap(id -> drop("id", id, nowMicros).thenReturn(true))
                .defaultIfEmpty(false);
    }

    /** Drops a database with its measurements; false when there is none. */
    Mono<Boolean> database(DatabaseId database, long nowMicros) {
        return client.sql("SELECT id FROM databases WHERE organisation = :organisation AND name = :database")
                .bind("organisation", database.organisation())
                .bind("database", database.database())
                .map(row -> Rows.number(row, 0))
                .one()
                .flatMap(id -> drop("database_id", id, nowMicros)
                        .then(run("DELETE FROM databases WHERE id = :id", id))
                        .thenReturn(true))
                .defaultIfEmpty(false);
    }

    /**
     * Drops measurements, however many, with as many statements as for one. What is left is that their files are to be removed,
     * and which rows of logs were theirs.
     *
     * @param column of measurements, which has the value {@code id} in those that go
     */
    private Mono<Void> drop(String column, long id, long nowMicros) {
        String ofThem = "measurement_id IN (SELECT id FROM measurements WHERE " + column + " = :id)";
        return removed.addAllOf(ofThem, id, nowMicros)
                .then(deletes.dropped(ofThem, id, nowMicros))
                .then(run(
                        "INSERT INTO dropped_flushes (flush_id, organisation, database_name, measurement, wal_id,"
                                + " first_sequence, last_sequence, committed_micros)"
                                + " SELECT f.flush_id, d.organisation, d.name, m.name, f.wal_id, f.first_sequence,"
                                + " f.last_sequence, f.committed_micros FROM flushes f JOIN measurements m"
                                + " ON m.id = f.measurement_id JOIN databases d ON d.id = m.database_id"
                                + " WHERE m." + column + " = :id",
                        id))
                .then(run(
                        "INSERT INTO dropped_sequence (only_row, commit_sequence)"
                                + " SELECT 1, COALESCE(MAX(commit_sequence), 0) + 1 FROM measurements WHERE " + column
                                + " = :id ON CONFLICT (only_row) DO UPDATE SET commit_sequence = CASE WHEN"
                                + " excluded.commit_sequence > dropped_sequence.commit_sequence"
                                + " THEN excluded.commit_sequence ELSE dropped_sequence.commit_sequence END",
                        id))
                .then(Flux.fromIterable(TABLES)
                        .concatMap(table -> run("DELETE FROM " + table + " WHERE " + ofThem, id))
                        .then())
                .then(run("DELETE FROM measurements WHERE " + column + " = :id", id));
    }

    private Mono<Void> run(String sql, long id) {
        return client.sql(sql).bind("id", id).then();
    }
}
