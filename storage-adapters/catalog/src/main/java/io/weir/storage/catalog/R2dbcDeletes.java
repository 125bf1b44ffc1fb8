package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Readable;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Deletes in the catalog's database, whose tables {@link Catalog#migrate} makes. Does not own the connection factory. */
public final class R2dbcDeletes implements Deletes {

    private static final int MOST_TEXT = 2000;
    private static final String PENDING = "state = " + FileOutcome.PENDING.code();

    private static final String STORED =
            "SELECT d.delete_id, d.organisation, d.database_name, d.measurement, d.predicate,"
                    + " d.matching_rows, d.began_micros, d.ended_micros,"
                    + " (SELECT COUNT(*) FROM delete_files f WHERE f.delete_id = d.delete_id),"
                    + " (SELECT COUNT(*) FROM delete_files f WHERE f.delete_id = d.delete_id AND f." + PENDING + "),"
                    + " (SELECT COUNT(*) FROM delete_files f WHERE f.delete_id = d.delete_id AND f." + PENDING
                    + " AND f.failures > 0),"
                    + " (SELECT CAST(COALESCE(SUM(f.rows_removed), 0) AS BIGINT) FROM delete_files f"
                    + " WHERE f.delete_id = d.delete_id) FROM deletes d WHERE ";

    private final DatabaseClient client;
    private final Transactions transactions;
    private final Clock clock;
    private final MeasurementTables measurements;
    private final LeaseTable leases;
    private final DeleteTables deletes;
    private final FileTables files;
    private final DropTables drops;
    private final AuditTable audit;

    /**
     * Deletes in that database.
     *
     * @param connections pooled connections; closed by whoever made them
     * @param timeout longest an operation may take, retries included
     * @param auditEntries acts that are kept
     */
    public R2dbcDeletes(ConnectionFactory connections, Clock clock, Duration timeout, int auditEntries) {
        this.client = DatabaseClient.create(connections);
        this.transactions = new Transactions(connections, timeout);
        this.clock = clock;
        this.measurements = new MeasurementTables(client, clock);
        this.leases = new LeaseTable(client, SqlDialect.of(connections));
        RemovedFiles removed = new RemovedFiles(client);
        this.deletes = new DeleteTables(client);
        this.files = new FileTables(client, clock, leases, removed, deletes);
        this.drops = new DropTables(client, removed, deletes);
        this.audit = new AuditTable(client, auditEntries);
    }

    private long nowMicros() {
        return clock.millis() * 1000;
    }

    private static Instant instant(long micros) {
        return Instant.ofEpochMilli(Math.floorDiv(micros, 1000L));
    }

    @Override
    public Mono<StoredDelete> begin(NewDelete delete, AuditEntry entry) {
        long now = nowMicros();
        return once(
                delete,
                "",
                Mono.empty(),
                of -> deletes.addFiles(delete, of.id(), now)
                        .then(Mono.defer(() -> deletes.end(of.id(), now)))
                        .then(Mono.defer(() -> audit.add(entry))));
    }

    @Override
    public Mono<StoredDelete> begin(PolicyDelete delete) {
        return once(
                delete.delete(),
                delete.policyId(),
                leases.requireHeld(delete.lease()),
                of -> deletes.addFiles(delete, of.id(), nowMicros())
                        .then(Mono.defer(() -> deletes.end(of.id(), nowMicros()))));
    }

    /** Commits a delete unless it was committed before. */
    private Mono<StoredDelete> once(
            NewDelete delete,
            String policyId,
            Mono<Void> condition,
            Function<FileTables.Measurement, Mono<Void>> itsFiles) {
        Mono<Void> begun = condition
                .then(Mono.defer(() -> files.require(delete.table())))
                .flatMap(of -> files.advance(of)
                        .then(Mono.defer(() -> deletes.add(delete, policyId, of, nowMicros())))
                        .then(Mono.defer(() -> itsFiles.apply(of))));
        Mono<StoredDelete> once =
                stored(delete.id()).switchIfEmpty(Mono.defer(() -> begun.then(Mono.defer(() -> stored(delete.id())))));
        return transactions.write("delete rows of " + delete.table(), once);
    }

    private Mono<StoredDelete> stored(String id) {
        return client.sql(STORED + "d.delete_id = :id")
                .bind("id", id)
                .map(R2dbcDeletes::storedRow)
                .one();
    }

    private static StoredDelete storedRow(Readable row) {
        long ended = Rows.number(row, 7);
        return new StoredDelete(
                Rows.text(row, 0),
                new TableId(Rows.text(row, 1), Rows.text(row, 2), Rows.text(row, 3)),
                Rows.text(row, 4),
                Rows.number(row, 5),
                instant(Rows.number(row, 6)),
                ended == 0 ? null : instant(ended),
                Rows.number(row, 8),
                Rows.number(row, 9),
                Rows.number(row, 10),
                Rows.number(row, 11));
    }

    @Override
    public Mono<List<FileToRewrite>> due(int atMost) {
        return transactions.read(
                "read files with deleted rows",
                client.sql("SELECT object_key FROM delete_files WHERE " + PENDING
                                + " AND due_micros <= :now ORDER BY due_micros LIMIT :most")
                        .bind("now", nowMicros())
                        .bind("most", atMost)
                        .map(row -> Rows.text(row, 0))
                        .all()
                        .distinct()
                        .collectList()
                        .flatMap(keys -> keys.isEmpty() ? Mono.just(List.of()) : withDeletes(keys)));
    }

    private record OfFile(TableId table, DataFile file, FileToRewrite.Applied delete, int failures) {}

    private Mono<List<FileToRewrite>> withDeletes(List<String> keys) {
        return client.sql(
                        "SELECT b.organisation, b.name, m.name, f.object_key, f.min_micros, f.max_micros, f.row_count,"
                                + " f.size_bytes, d.delete_id, d.predicate, d.whole_times, p.failures FROM delete_files p"
                                + " JOIN deletes d ON d.delete_id = p.delete_id JOIN files f ON f.object_key = p.object_key"
                                + " JOIN measurements m ON m.id = f.measurement_id JOIN databases b ON b.id = m.database_id"
                                + " WHERE p." + PENDING
                                + " AND p.object_key IN (:keys) ORDER BY d.commit_sequence, d.delete_id")
                .bind("keys", keys)
                .map(row -> new OfFile(
                        new TableId(Rows.text(row, 0), Rows.text(row, 1), Rows.text(row, 2)),
                        new DataFile(
                                Rows.text(row, 3),
                                Rows.number(row, 4),
                                Rows.number(row, 5),
                                Rows.number(row, 6),
                                Rows.number(row, 7)),
                        new FileToRewrite.Applied(Rows.text(row, 8), Rows.text(row, 9), Rows.number(row, 10) != 0),
                        (int) Rows.number(row, 11)))
                .all()
                .collect(
                        () -> new LinkedHashMap<String, List<OfFile>>(),
                        (byKey, one) -> byKey.computeIfAbsent(one.file().objectKey(), key -> new ArrayList<>(1))
                                .add(one))
                .flatMap(byKey -> Flux.fromIterable(keys)
                        .filter(byKey::containsKey)
                        .concatMap(key -> rewriting(byKey.getOrDefault(key, List.of())))
                        .collectList());
    }

    private Mono<FileToRewrite> rewriting(List<OfFile> deletesOfIt) {
        OfFile first = deletesOfIt.get(0);
        return measurements
                .find(first.table())
                .map(found -> new FileToRewrite(
                        first.table(),
                        found.schema(),
                        first.file(),
                        deletesOfIt.stream().map(OfFile::delete).toList(),
                        deletesOfIt.stream().mapToInt(OfFile::failures).max().orElse(0)));
    }

    @Override
    public Mono<Void> unchanged(TableId table, DataFile file, Set<String> ids, Lease lease) {
        Mono<Void> all = leases.requireHeld(lease)
                .then(Mono.defer(() -> files.require(table)))
                .flatMap(of -> files.advance(of)
                        .then(Mono.defer(() -> deletes.unchanged(file.objectKey(), ids, of.id(), nowMicros())))
                        .then(Mono.defer(() -> files.requeue(of, List.of(file), nowMicros()))));
        return transactions.write("settle a file of " + table, all);
    }

    @Override
    public Mono<Void> failed(String objectKey, Instant dueAgain, String failure) {
        return transactions.write(
                "postpone the rewriting of a file",
                client.sql("UPDATE delete_files SET failures = failures + 1, due_micros = :due, failure = :failure"
                                + " WHERE object_key = :key AND " + PENDING)
                        .bind("due", dueAgain.toEpochMilli() * 1000)
                        .bind("failure", failure.substring(0, Math.min(MOST_TEXT, failure.length())))
                        .bind("key", objectKey)
                        .then());
    }

    @Override
    public Mono<Long> failing() {
        return transactions.read(
                "count files that cannot be rewritten",
                client.sql("SELECT COUNT(DISTINCT object_key) FROM delete_files WHERE " + PENDING + " AND failures > 0")
                        .map(row -> Rows.number(row, 0))
                        .one());
    }

    @Override
    public Mono<StoredDelete> find(String organisation, String id) {
        return transactions.read(
                "read a delete",
                stored(id).filter(found -> found.table().organisation().equals(organisation)));
    }

    @Override
    public Mono<List<StoredDelete>> list(String organisation, String policyId, int atMost) {
        return transactions.read(
                "list deletes",
                client.sql(STORED + "d.policy_id = :policy AND d.organisation = :organisation"
                                + " ORDER BY d.began_micros DESC, d.delete_id LIMIT :most")
                        .bind("policy", policyId)
                        .bind("organisation", organisation)
                        .bind("most", atMost)
                        .map(R2dbcDeletes::storedRow)
                        .all()
                        .collectList());
    }

    @Override
    public Mono<List<DeletedFile>> files(String id, int atMost) {
        return transactions.read(
                "list files of a delete",
                client.sql("SELECT object_key, state, rows_before, rows_removed, failures, failure FROM delete_files"
                                + " WHERE delete_id = :id ORDER BY state, object_key LIMIT :most")
                        .bind("id", id)
                        .bind("most", atMost)
                        .map(row -> new DeletedFile(
                                Rows.text(row, 0),
                                FileOutcome.ofCode(Rows.number(row, 1)),
                                Rows.number(row, 2),
                                Rows.number(row, 3),
                                (int) Rows.number(row, 4),
                                Rows.text(row, 5)))
                        .all()
                        .collectList());
    }

    @Override
    public Mono<Long> forget(Instant endedBefore) {
        long before = endedBefore.toEpochMilli() * 1000;
        return transactions.write(
                "forget old deletes",
                deletes.forget("policy_id = ''", before)
                        .flatMap(asked -> deletes.forget("policy_id > ''", Long.MAX_VALUE)
                                .map(ofPolicies -> asked + ofPolicies)));
    }

    @Override
    public Mono<Boolean> drop(TableId table, Lease lease, AuditEntry entry) {
        Mono<Boolean> all = leases.requireHeld(lease)
                .then(Mono.defer(() -> drops.measurement(table, nowMicros())))
                .flatMap(dropped -> dropped ? audit.add(entry).thenReturn(true) : Mono.just(false));
        return transactions.write("drop " + table, all);
    }

    @Override
    public Mono<Boolean> drop(DatabaseId database, Lease lease, AuditEntry entry) {
        Mono<Boolean> all = leases.requireHeld(lease)
                .then(Mono.defer(() -> drops.database(database, nowMicros())))
                .flatMap(dropped -> dropped ? audit.add(entry).thenReturn(true) : Mono.just(false));
        return transactions.write("drop database " + database, all);
    }
}
