package io.weir.storage.catalog;

import io.r2dbc.spi.Readable;
import io.weir.common.model.TableId;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The queue in the tables of a {@link R2dbcCatalog}, with its transactions and its protections. */
final class R2dbcCompactionQueue implements CompactionQueue {

    private static final int MOST_TEXT = 2000;

    private static final String OF_TABLE = "(SELECT m.id FROM measurements m JOIN databases d ON d.id = m.database_id"
            + " WHERE d.organisation = :organisation AND d.name = :database AND m.name = :measurement)";

    private static final String NAMES =
            " JOIN measurements m ON m.id = q.measurement_id JOIN databases d ON d.id = m.database_id";

    /** First the index gives the partitions, then their names are found. */
    static final String BY_QUIET = named(
            "quiet_micros <= :latest AND (quiet_micros <= :quiet OR (tier = " + PartitionTier.HOUR.code()
                    + " AND start_micros < :past)) ORDER BY quiet_micros",
            "q.quiet_micros");

    static final String BY_CHANGES = named("changes >= :changes ORDER BY changes DESC", "q.changes DESC");

    private static String named(String condition, String order) {
        return "SELECT d.organisation, d.name, m.name, q.tier, q.start_micros, q.changes, q.quiet_micros, q.failures"
                + " FROM (SELECT * FROM compaction_queue WHERE " + condition + " LIMIT :most) q" + NAMES
                + " ORDER BY " + order + ", q.measurement_id, q.tier, q.start_micros";
    }

    private static final String THIS =
            " WHERE measurement_id = " + OF_TABLE + " AND tier = :tier AND start_micros = :start";

    private final DatabaseClient client;
    private final Transactions transactions;
    private final Clock clock;

    R2dbcCompactionQueue(DatabaseClient client, Transactions transactions, Clock clock) {
        this.client = client;
        this.transactions = transactions;
        this.clock = clock;
    }

    private static long micros(Instant time) {
        return time.toEpochMilli() * 1000;
    }

    private static Instant instant(long micros) {
        return Instant.ofEpochMilli(Math.floorDiv(micros, 1000L));
    }

    private long nowMicros() {
        return clock.millis() * 1000;
    }

    private static TableId table(Readable row) {
        return new TableId(Rows.text(row, 0), Rows.text(row, 1), Rows.text(row, 2));
    }

    private static Partition partition(Readable row) {
        return new Partition(table(row), PartitionTier.ofCode(Rows.number(row, 3)), Rows.number(row, 4));
    }

    private static QueuedPartition waiting(Readable row) {
        return new QueuedPartition(
                partition(row), Rows.number(row, 5), instant(Rows.number(row, 6)), (int) Rows.number(row, 7));
    }

    private DatabaseClient.GenericExecuteSpec of(String sql, TableId table) {
        return client.sql(sql)
                .bind("organisation", table.organisation())
                .bind("database", table.database())
                .bind("measurement", table.measurement());
    }

    private DatabaseClient.GenericExecuteSpec of(String sql, Partition partition) {
        return of(sql, partition.table()).bind("tier", partition.tier().code()).bind("start", partition.startMicros());
    }

    @Override
    public Mono<List<QueuedPartition>> due(QuietTimes times, long changes, int atMost) {
        Mono<List<QueuedPartition>> quiet =
                byQuiet(micros(times.any()), micros(times.pastHours()), times.pastBeforeMicros(), atMost);
        Mono<List<QueuedPartition>> busy = client.sql(BY_CHANGES)
                .bind("changes", changes)
                .bind("most", atMost)
                .map(R2dbcCompactionQueue::waiting)
                .all()
                .collectList();
        return transactions.read(
                "read what is to be compacted",
                quiet.flatMap(first -> busy.map(second -> {
                    Set<QueuedPartition> both = new LinkedHashSet<>(first);
                    both.addAll(second);
                    return new ArrayList<>(both).subList(0, Math.min(atMost, both.size()));
                })));
    }

    private Mono<List<QueuedPartition>> byQuiet(long anyMicros, long pastHoursMicros, long pastBefore, int atMost) {
        return client.sql(BY_QUIET)
                .bind("latest", pastHoursMicros)
                .bind("quiet", anyMicros)
                .bind("past", pastBefore)
                .bind("most", atMost)
                .map(R2dbcCompactionQueue::waiting)
                .all()
                .collectList();
    }

    @Override
    public Mono<List<QueuedPartition>> queued(int atMost) {
        return transactions.read(
                "read what is to be compacted", byQuiet(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, atMost));
    }

    @Override
    public Mono<Long> size() {
        return transactions.read(
                "count what is to be compacted",
                client.sql("SELECT COUNT(*) FROM compaction_queue")
                        .map(row -> Rows.number(row, 0))
                        .one());
    }

    @Override
    public Mono<Void> settle(QueuedPartition seen) {
        Mono<Long> removed = of("DELETE FROM compaction_queue" + THIS + " AND changes = :changes", seen.partition())
                .bind("changes", seen.changes())
                .fetch()
                .rowsUpdated();
        Mono<Void> all = removed.flatMap(rows ->
                rows == 0 || seen.partition().tier() == PartitionTier.DAY ? Mono.empty() : queueDay(seen.partition()));
        return transactions.write("settle a partition of " + seen.partition().table(), all);
    }

    private Mono<Void> queueDay(Partition hour) {
        Partition day = hour.day();
        return of(
                        "INSERT INTO compaction_queue (measurement_id, tier, start_micros, changes, quiet_micros, failures)"
                                + " SELECT m.id, :tier, :start, 0, :quiet, 0 FROM measurements m JOIN databases d ON"
                                + " d.id = m.database_id WHERE d.organisation = :organisation AND d.name = :database AND"
                                + " m.name = :measurement ON CONFLICT (measurement_id, tier, start_micros)"
                                + " DO UPDATE SET quiet_micros = excluded.quiet_micros",
                        day)
                .bind("quiet", Math.max(nowMicros(), day.endMicros()))
                .then();
    }

    @Override
    public Mono<Void> postpone(QueuedPartition seen, Instant from, int failures) {
        Mono<Void> kept = of(
                        "UPDATE compaction_queue SET changes = changes - :changes, quiet_micros = :quiet,"
                                + " failures = :failures" + THIS + " AND changes >= :changes",
                        seen.partition())
                .bind("changes", seen.changes())
                .bind("quiet", micros(from))
                .bind("failures", failures)
                .then();
        return transactions.write("postpone a partition of " + seen.partition().table(), kept);
    }

    @Override
    public Mono<Void> quarantine(TableId table, String objectKey, Instant until, String reason) {
        Mono<Void> kept = of(
                        "INSERT INTO quarantined_files (object_key, measurement_id, since_micros, until_micros, reason)"
                                + " SELECT :key, m.id, :since, :until, :reason FROM measurements m JOIN databases d ON"
                                + " d.id = m.database_id WHERE d.organisation = :organisation AND d.name = :database AND"
                                + " m.name = :measurement ON CONFLICT (object_key) DO UPDATE SET"
                                + " until_micros = excluded.until_micros, reason = excluded.reason",
                        table)
                .bind("key", objectKey)
                .bind("since", nowMicros())
                .bind("until", micros(until))
                .bind("reason", cut(reason))
                .then();
        return transactions.write("keep a file out of compaction", kept);
    }

    private static String cut(String text) {
        return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT);
    }

    @Override
    public Mono<Set<String>> keptOut(TableId table) {
        Flux<String> quarantined = of(
                        "SELECT object_key FROM quarantined_files WHERE measurement_id = " + OF_TABLE
                                + " AND until_micros > :now",
                        table)
                .bind("now", nowMicros())
                .map(row -> Rows.text(row, 0))
                .all();
        return transactions.read(
                "read files kept out of compaction",
                quarantined.concatWith(new WindowTable(client).filesOf(table)).collect(HashSet::new, Set::add));
    }

    @Override
    public Mono<List<QuarantinedFile>> quarantined(int atMost) {
        return transactions.read(
                "read files kept out of compaction",
                client.sql(
                                "SELECT d.organisation, d.name, m.name, q.object_key, q.since_micros, q.until_micros, q.reason"
                                        + " FROM quarantined_files q" + NAMES
                                        + " WHERE q.until_micros > :now ORDER BY q.since_micros DESC, q.object_key LIMIT :most")
                        .bind("now", nowMicros())
                        .bind("most", atMost)
                        .map(row -> new QuarantinedFile(
                                Rows.text(row, 3),
                                table(row),
                                instant(Rows.number(row, 4)),
                                instant(Rows.number(row, 5)),
                                Rows.text(row, 6)))
                        .all()
                        .collectList());
    }

    @Override
    public Mono<Void> record(CompactionRun run) {
        Mono<Void> once = of(
                        "INSERT INTO compaction_runs (run_id, measurement_id, tier, start_micros, began_micros,"
                                + " ended_micros, input_files, input_rows, input_bytes, output_rows, output_bytes,"
                                + " failure) SELECT :id, m.id, :tier, :start, :began, :ended, :inputFiles, :inputRows,"
                                + " :inputBytes, :outputRows, :outputBytes, :failure FROM measurements m JOIN databases d"
                                + " ON d.id = m.database_id WHERE d.organisation = :organisation AND d.name = :database"
                                + " AND m.name = :measurement ON CONFLICT (run_id) DO NOTHING",
                        run.partition())
                .bind("id", run.id())
                .bind("began", micros(run.began()))
                .bind("ended", micros(run.ended()))
                .bind("inputFiles", run.inputFiles())
                .bind("inputRows", run.inputRows())
                .bind("inputBytes", run.inputBytes())
                .bind("outputRows", run.outputRows())
                .bind("outputBytes", run.outputBytes())
                .bind("failure", cut(run.failure()))
                .then();
        return transactions.write("remember a compaction", once);
    }

    @Override
    public Mono<List<CompactionRun>> runs(int atMost) {
        return transactions.read(
                "read compactions",
                client.sql("SELECT d.organisation, d.name, m.name, q.tier, q.start_micros, q.run_id, q.began_micros,"
                                + " q.ended_micros, q.input_files, q.input_rows, q.input_bytes, q.output_rows,"
                                + " q.output_bytes, q.failure FROM compaction_runs q" + NAMES
                                + " ORDER BY q.ended_micros DESC, q.run_id LIMIT :most")
                        .bind("most", atMost)
                        .map(row -> new CompactionRun(
                                Rows.text(row, 5),
                                partition(row),
                                instant(Rows.number(row, 6)),
                                instant(Rows.number(row, 7)),
                                Rows.number(row, 8),
                                Rows.number(row, 9),
                                Rows.number(row, 10),
                                Rows.number(row, 11),
                                Rows.number(row, 12),
                                Rows.text(row, 13)))
                        .all()
                        .collectList());
    }

    @Override
    public Mono<Long> forget(Instant before) {
        Mono<Long> runs = client.sql("DELETE FROM compaction_runs WHERE ended_micros < :before")
                .bind("before", micros(before))
                .fetch()
                .rowsUpdated();
        Mono<Long> files = client.sql("DELETE FROM quarantined_files WHERE until_micros < :before")
                .bind("before", micros(before))
                .fetch()
                .rowsUpdated();
        return transactions.write("forget old compactions", runs.flatMap(some -> files.map(more -> some + more)));
    }
}
