package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** History over the tables of a {@link R2dbcCatalog}, with its transactions and its protections. */
final class R2dbcTableHistory implements TableHistory {

    /** Commits older than that may be forgotten in part, so rows are counted where they matter. */
    private static final Duration SURELY_REMEMBERED = Duration.ofMinutes(30);

    private static final int IDS_A_STATEMENT = 500;
    private static final long NOT_COUNTED = -1;

    private final DatabaseClient client;
    private final Transactions transactions;
    private final MeasurementTables measurements;
    private final FileTables files;
    private final Clock clock;

    R2dbcTableHistory(
            DatabaseClient client,
            Transactions transactions,
            MeasurementTables measurements,
            FileTables files,
            Clock clock) {
        this.client = client;
        this.transactions = transactions;
        this.measurements = measurements;
        this.files = files;
        this.clock = clock;
    }

    @Override
    public Mono<TableProgress> since(TableId table, long sequence, Collection<String> flushIds) {
        return transactions.read(
                "read the progress of " + table,
                measurements
                        .find(table)
                        .filter(found -> found.pendingDeletes() == 0)
                        .flatMap(found -> files.committed(flushIds)
                                .flatMap(committed -> commits(found, sequence)
                                        .flatMap(commits -> rows(found, commits)
                                                .map(rows -> new TableProgress(
                                                        found.schema(),
                                                        found.commitSequence(),
                                                        commits.stream()
                                                                .map(Dated::commit)
                                                                .toList(),
                                                        rows,
                                                        committed,
                                                        found.version()))))));
    }

    private record Dated(TableProgress.Commit commit, long micros) {}

    private Mono<List<Dated>> commits(MeasurementTables.Measurement of, long sequence) {
        if (sequence < 0 || of.commitSequence() == sequence) {
            return Mono.just(List.of());
        }
        return client.sql("SELECT flush_id, commit_sequence, committed_micros, 1 FROM flushes"
                        + " WHERE measurement_id = :id AND commit_sequence > :sequence"
                        + " UNION ALL SELECT change_id, commit_sequence, committed_micros, 0 FROM file_changes"
                        + " WHERE measurement_id = :id AND commit_sequence > :sequence")
                .bind("id", of.id())
                .bind("sequence", sequence)
                .map(row -> new Dated(
                        new TableProgress.Commit(Rows.text(row, 0), Rows.number(row, 1), Rows.number(row, 3) != 0),
                        Rows.number(row, 2)))
                .all()
                .collectList();
    }

    private Mono<Long> rows(MeasurementTables.Measurement of, List<Dated> commits) {
        long recent = (clock.millis() - SURELY_REMEMBERED.toMillis()) * 1000;
        boolean counted = commits.stream().anyMatch(dated -> !dated.commit().flush() || dated.micros() < recent);
        if (!counted) {
            return Mono.just(NOT_COUNTED);
        }
        return client.sql("SELECT CAST(COALESCE(SUM(row_count), 0) AS BIGINT) FROM files WHERE measurement_id = :id")
                .bind("id", of.id())
                .map(row -> Rows.number(row, 0))
                .one();
    }

    @Override
    public Mono<List<DataFile>> added(TableId table, Collection<String> ids) {
        return transactions.read(
                "read new files of " + table,
                measurements
                        .find(table)
                        .flatMap(found -> Flux.fromIterable(ids)
                                .buffer(IDS_A_STATEMENT)
                                .concatMap(some -> client.sql(
                                                "SELECT object_key, min_micros, max_micros, row_count, size_bytes"
                                                        + " FROM files WHERE measurement_id = :id AND flush_id IN (:ids)")
                                        .bind("id", found.id())
                                        .bind("ids", some)
                                        .map(Rows::file)
                                        .all())
                                .collectList()));
    }
}
