package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import java.time.Clock;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Statements over files and flushes. Runs in whatever transaction the caller opened. */
final class FileTables {

    private final DatabaseClient client;
    private final Clock clock;

    FileTables(DatabaseClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    Mono<Void> commit(long measurementId, FlushCommit commit) {
        return committed(List.of(commit.flushId()))
                .flatMap(done -> done.isEmpty() ? commitNew(measurementId, commit) : Mono.empty());
    }

    private Mono<Void> commitNew(long measurementId, FlushCommit commit) {
        Mono<Void> advance = client.sql("UPDATE measurements SET commit_sequence = commit_sequence + 1 WHERE id = :id")
                .bind("id", measurementId)
                .then();
        Mono<Void> record = client.sql("INSERT INTO flushes (flush_id, measurement_id, wal_id, first_sequence,"
                        + " last_sequence, commit_sequence, committed_micros) SELECT :flush, id, :wal, :first, :last,"
                        + " commit_sequence, :now FROM measurements WHERE id = :id")
                .bind("flush", commit.flushId())
                .bind("wal", commit.walId())
                .bind("first", commit.firstSequence())
                .bind("last", commit.lastSequence())
                .bind("now", clock.millis() * 1000)
                .bind("id", measurementId)
                .then();
        Mono<Void> addFiles = Flux.fromIterable(commit.files())
                .concatMap(file -> insertFile(measurementId, commit.flushId(), file))
                .then();
        return advance.then(record).then(addFiles);
    }

    private Mono<Void> insertFile(long measurementId, String flushId, DataFile file) {
        return client.sql("INSERT INTO files (object_key, measurement_id, flush_id, min_micros, max_micros, row_count,"
                        + " size_bytes) VALUES (:key, :id, :flush, :min, :max, :rows, :size)")
                .bind("key", file.objectKey())
                .bind("id", measurementId)
                .bind("flush", flushId)
                .bind("min", file.minMicros())
                .bind("max", file.maxMicros())
                .bind("rows", file.rows())
                .bind("size", file.sizeBytes())
                .then();
    }

    Flux<DataFile> files(long measurementId) {
        return client.sql("SELECT object_key, min_micros, max_micros, row_count, size_bytes FROM files"
                        + " WHERE measurement_id = :id ORDER BY min_micros, object_key")
                .bind("id", measurementId)
                .map(row -> new DataFile(
                        Rows.text(row, 0),
                        Rows.number(row, 1),
                        Rows.number(row, 2),
                        Rows.number(row, 3),
                        Rows.number(row, 4)))
                .all();
    }

    /** Which of those flushes are committed. */
    Mono<Set<String>> committed(Collection<String> flushIds) {
        if (flushIds.isEmpty()) {
            return Mono.just(Set.of());
        }
        return client.sql("SELECT flush_id FROM flushes WHERE flush_id IN (:ids)")
                .bind("ids", List.copyOf(flushIds))
                .map(row -> Rows.text(row, 0))
                .all()
                .collect(HashSet<String>::new, Set::add)
                .map(ids -> ids);
    }

    Flux<CommittedRange> committedRanges(String walId, long fromSequence) {
        return client.sql("SELECT d.organisation, d.name, m.name, f.first_sequence, f.last_sequence FROM flushes f"
                        + " JOIN measurements m ON m.id = f.measurement_id JOIN databases d ON d.id = m.database_id"
                        + " WHERE f.wal_id = :wal AND f.last_sequence >= :from")
                .bind("wal", walId)
                .bind("from", fromSequence)
                .map(row -> new CommittedRange(
                        new TableId(Rows.text(row, 0), Rows.text(row, 1), Rows.text(row, 2)),
                        Rows.number(row, 3),
                        Rows.number(row, 4)))
                .all();
    }

    Mono<Long> forgetFlushes(String walId, long beforeSequence, long committedBeforeMicros) {
        return client.sql("DELETE FROM flushes WHERE wal_id = :wal AND last_sequence < :before"
                        + " AND committed_micros < :committed")
                .bind("wal", walId)
                .bind("before", beforeSequence)
                .bind("committed", committedBeforeMicros)
                .fetch()
                .rowsUpdated();
    }
}
