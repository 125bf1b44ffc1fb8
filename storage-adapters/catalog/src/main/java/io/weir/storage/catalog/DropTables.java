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
                .flatMap(id -> drop(id, nowMicros).thenReturn(true))
                .defaultIfEmpty(false);
    }

    /** Drops a database with its measurements; false when there is none. */
    Mono<Boolean> database(DatabaseId database, long nowMicros) {
        return client.sql("SELECT id FROM databases WHERE organisation = :organisation AND name = :database")
                .bind("organisation", database.organisation())
                .bind("database", database.database())
                .map(row -> Rows.number(row, 0))
                .one()
                .flatMap(id -> client.sql("SELECT id FROM measurements WHERE database_id = :id")
                        .bind("id", id)
                        .map(row -> Rows.number(row, 0))
                        .all()
                        .collectList()
                        .flatMap(all -> Flux.fromIterable(all)
                                .concatMap(measurement -> drop(measurement, nowMicros))
                                .then())
                        .then(client.sql("DELETE FROM databases WHERE id = :id")
                                .bind("id", id)
                                .then())
                        .thenReturn(true))
                .defaultIfEmpty(false);
    }

    /** What is left: that its files are to be removed, and which rows of logs were its. */
    private Mono<Void> drop(long id, long nowMicros) {
        Mono<Void> flushes = client.sql(
                        "INSERT INTO dropped_flushes (flush_id, organisation, database_name, measurement,"
                                + " wal_id, first_sequence, last_sequence, committed_micros)"
                                + " SELECT f.flush_id, d.organisation, d.name, m.name, f.wal_id, f.first_sequence,"
                                + " f.last_sequence, f.committed_micros FROM flushes f JOIN measurements m"
                                + " ON m.id = f.measurement_id JOIN databases d ON d.id = m.database_id WHERE m.id = :id")
                .bind("id", id)
                .then();
        Mono<Void> sequence = client.sql("INSERT INTO dropped_sequence (only_row, commit_sequence)"
                        + " SELECT 1, commit_sequence + 1 FROM measurements WHERE id = :id"
                        + " ON CONFLICT (only_row) DO UPDATE SET commit_sequence = CASE WHEN"
                        + " excluded.commit_sequence > dropped_sequence.commit_sequence"
                        + " THEN excluded.commit_sequence ELSE dropped_sequence.commit_sequence END")
                .bind("id", id)
                .then();
        Mono<Void> rows = Flux.fromIterable(TABLES)
                .concatMap(table -> client.sql("DELETE FROM " + table + " WHERE measurement_id = :id")
                        .bind("id", id)
                        .then())
                .then();
        return removed.addAllOf(id, nowMicros)
                .then(deletes.dropped(id, nowMicros))
                .then(flushes)
                .then(sequence)
                .then(rows)
                .then(client.sql("DELETE FROM measurements WHERE id = :id")
                        .bind("id", id)
                        .then());
    }
}
