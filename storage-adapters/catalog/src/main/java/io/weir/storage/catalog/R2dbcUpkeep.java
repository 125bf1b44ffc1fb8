package io.weir.storage.catalog;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Upkeep over the tables of a {@link R2dbcCatalog}, with its transactions and its protections. */
final class R2dbcUpkeep implements CatalogUpkeep {

    private static final int FILES_A_PAGE = 2_000;

    /** Keys are ordered by their bytes, which the tables say. */
    static final String PAGE = "SELECT object_key, min_micros, max_micros, row_count, size_bytes FROM files"
            + " WHERE object_key > :after ORDER BY object_key LIMIT :most";

    /** Readers that have been silent for so long leave no row behind. */
    private static final Duration READER_MEMORY = Duration.ofDays(1);

    /** Leases that ended so long ago leave no row behind. */
    private static final Duration LEASE_MEMORY = Duration.ofDays(7);

    private final DatabaseClient client;
    private final Transactions transactions;
    private final Clock clock;
    private final RemovedFiles removed;
    private final LeaseTable leases;

    R2dbcUpkeep(
            DatabaseClient client, Transactions transactions, Clock clock, RemovedFiles removed, LeaseTable leases) {
        this.client = client;
        this.transactions = transactions;
        this.clock = clock;
        this.removed = removed;
        this.leases = leases;
    }

    private long nowMicros() {
        return clock.millis() * 1000;
    }

    @Override
    public Mono<String> identity() {
        return transactions.write("read its identity", removed.identity());
    }

    @Override
    public Flux<DataFile> files(String after) {
        return page(after)
                .expand(page -> page.size() < FILES_A_PAGE
                        ? Mono.empty()
                        : page(page.get(page.size() - 1).objectKey()))
                .concatMapIterable(page -> page, 1);
    }

    private Mono<List<DataFile>> page(String after) {
        return transactions.read(
                "read files",
                client.sql(PAGE)
                        .bind("after", after)
                        .bind("most", FILES_A_PAGE)
                        .map(Rows::file)
                        .all()
                        .collectList());
    }

    @Override
    public Mono<Set<String>> known(Collection<String> keys) {
        return transactions.read("look files up", knownNow(keys));
    }

    private Mono<Set<String>> knownNow(Collection<String> keys) {
        return removed.among("files", keys).zipWhen(files -> removed.among("removed_files", keys), (files, gone) -> {
            Set<String> both = new HashSet<>(files);
            both.addAll(gone);
            return both;
        });
    }

    @Override
    public Mono<Set<String>> condemn(Collection<String> keys) {
        return transactions.write("condemn files", knownNow(keys).flatMap(known -> {
            Set<String> unknown = new HashSet<>(keys);
            unknown.removeAll(known);
            return removed.add(unknown, nowMicros()).thenReturn(unknown);
        }));
    }

    @Override
    public Mono<List<RemovedFile>> removable(@Nullable RemovedFile after, int atMost) {
        return transactions.read(
                "read removed files",
                removed.removable(after, atMost, nowMicros()).collectList());
    }

    @Override
    public Mono<Void> gone(Collection<String> keys) {
        return transactions.write("record removals", removed.gone(keys, nowMicros()));
    }

    @Override
    public Mono<Long> forgetGone(Instant before) {
        return transactions.write(
                "forget removed files",
                forgetReaders()
                        .then(leases.forget(LEASE_MEMORY))
                        .then(removed.forgetGone(before.toEpochMilli() * 1000)));
    }

    private Mono<Void> forgetReaders() {
        return client.sql("DELETE FROM readers WHERE expires_micros < :before")
                .bind("before", nowMicros() - READER_MEMORY.toMillis() * 1000)
                .then();
    }

    @Override
    public Mono<Long> dropFiles(Collection<String> keys) {
        if (keys.isEmpty()) {
            return Mono.just(0L);
        }
        return transactions.write(
                "drop files",
                client.sql("UPDATE measurements SET commit_sequence = commit_sequence + 1 WHERE id IN"
                                + " (SELECT measurement_id FROM files WHERE object_key IN (:keys))")
                        .bind("keys", List.copyOf(keys))
                        .then()
                        .then(client.sql("DELETE FROM files WHERE object_key IN (:keys)")
                                .bind("keys", List.copyOf(keys))
                                .fetch()
                                .rowsUpdated()));
    }

    @Override
    public Mono<Long> renewReader(String reader, long oldestSequence, Duration lease) {
        Mono<Void> renewed = client.sql("INSERT INTO readers (reader_id, oldest_sequence, expires_micros)"
                        + " VALUES (:reader, :oldest, :expires) ON CONFLICT (reader_id) DO UPDATE SET"
                        + " oldest_sequence = excluded.oldest_sequence, expires_micros = excluded.expires_micros")
                .bind("reader", reader)
                .bind("oldest", oldestSequence)
                .bind("expires", nowMicros() + lease.toMillis() * 1000)
                .then();
        return transactions.write(
                "renew reader " + reader, renewed.then(removed.identity()).then(Mono.defer(removed::sequence)));
    }

    @Override
    public Mono<Void> endReader(String reader) {
        return transactions.write(
                "end reader " + reader,
                client.sql("DELETE FROM readers WHERE reader_id = :reader")
                        .bind("reader", reader)
                        .then());
    }
}
