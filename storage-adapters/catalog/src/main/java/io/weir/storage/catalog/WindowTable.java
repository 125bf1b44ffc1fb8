package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import java.util.Arrays;
import java.util.List;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Statements over windows that may be replaced. Their files are left out of compaction until they are settled, since only a
 * file that holds one window and nothing else can be replaced with it. Runs in the caller's transaction.
 */
final class WindowTable {

    private static final int KEYS_A_STATEMENT = 500;

    private final DatabaseClient client;
    private final PartitionQueue queue;

    WindowTable(DatabaseClient client) {
        this.client = client;
        this.queue = new PartitionQueue(client);
    }

    Mono<List<OpenWindow>> of(String queryId) {
        return endingBy(queryId, 0, Long.MAX_VALUE);
    }

    private Mono<List<OpenWindow>> endingBy(String queryId, long interval, long end) {
        return client.sql("SELECT start_micros, digest, object_keys FROM continuous_windows WHERE query_id = :id"
                        + " AND start_micros <= :start ORDER BY start_micros")
                .bind("id", queryId)
                .bind("start", end - interval)
                .map(row -> new OpenWindow(Rows.number(row, 0), Rows.text(row, 1), keys(Rows.text(row, 2))))
                .all()
                .collectList();
    }

    private static List<String> keys(String lines) {
        return lines.isEmpty() ? List.of() : Arrays.asList(lines.split("\n", -1));
    }

    /** Keys of all files of a destination that may be replaced. */
    Flux<String> filesOf(TableId destination) {
        return client.sql(
                        "SELECT w.object_keys FROM continuous_windows w JOIN continuous_queries q ON q.id = w.query_id"
                                + " WHERE q.organisation = :organisation AND q.destination_database = :database"
                                + " AND q.destination_measurement = :measurement")
                .bind("organisation", destination.organisation())
                .bind("database", destination.database())
                .bind("measurement", destination.measurement())
                .map(row -> keys(Rows.text(row, 0)))
                .all()
                .concatMapIterable(keys -> keys);
    }

    Mono<Void> put(String queryId, OpenWindow window) {
        BulkInsert row = new BulkInsert("continuous_windows", "query_id", "start_micros", "digest", "object_keys")
                .onConflict("(query_id, start_micros) DO UPDATE SET digest = excluded.digest,"
                        + " object_keys = excluded.object_keys");
        row.row(queryId, window.startMicros(), window.digest(), String.join("\n", window.objectKeys()));
        return row.run(client);
    }

    /** Settles the windows of that length that end by then: nothing replaces them any more, and compaction may have them. */
    Mono<Void> settle(String queryId, long interval, long end, long nowMicros) {
        return endingBy(queryId, interval, end)
                .flatMap(settled -> settled.isEmpty() ? Mono.empty() : settle(queryId, settled, nowMicros));
    }

    private Mono<Void> settle(String queryId, List<OpenWindow> settled, long nowMicros) {
        PartitionQueue.Changes changes = new PartitionQueue.Changes();
        return Flux.fromIterable(settled)
                .concatMapIterable(OpenWindow::objectKeys)
                .buffer(KEYS_A_STATEMENT)
                .concatMap(keys -> client.sql("SELECT measurement_id, object_key, min_micros, max_micros, row_count,"
                                + " size_bytes FROM files WHERE object_key IN (:keys)")
                        .bind("keys", keys)
                        .map(row -> {
                            changes.add(
                                    Rows.number(row, 0),
                                    new DataFile(
                                            Rows.text(row, 1),
                                            Rows.number(row, 2),
                                            Rows.number(row, 3),
                                            Rows.number(row, 4),
                                            Rows.number(row, 5)));
                            return true;
                        })
                        .all())
                .then(Mono.defer(() -> queue.add(changes, nowMicros)))
                .thenMany(Flux.fromIterable(settled))
                .concatMap(window -> remove(queryId, window.startMicros()))
                .then();
    }

    private Mono<Void> remove(String queryId, long startMicros) {
        return client.sql("DELETE FROM continuous_windows WHERE query_id = :id AND start_micros = :start")
                .bind("id", queryId)
                .bind("start", startMicros)
                .then();
    }

    /** Settles that one. */
    Mono<Void> settleOne(String queryId, long startMicros, long nowMicros) {
        return of(queryId)
                .flatMap(open -> settle(
                        queryId,
                        open.stream()
                                .filter(window -> window.startMicros() == startMicros)
                                .toList(),
                        nowMicros));
    }
}
