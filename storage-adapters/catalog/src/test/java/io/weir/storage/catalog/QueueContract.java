package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.model.TableId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;

/** What is to be compacted, in every catalog. REQUIREMENTS L4; LESSONS 23. */
abstract class QueueContract extends CatalogFixture {

    private static final long HOUR = 3_600_000_000L;
    private static final long DAY = 24 * HOUR;
    private static final Instant START = Instant.parse("2024-03-01T10:00:00Z");
    private static final long DAY_OF_START = Math.floorDiv(START.toEpochMilli() * 1000, DAY) * DAY;

    private final AtomicReference<Instant> now = new AtomicReference<>(START);

    @Override
    Clock clock() {
        return new Clock() {
            @Override
            public Instant instant() {
                return now.get();
            }

            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }
        };
    }

    private CompactionQueue queue() {
        return new R2dbcCatalog(connections().factory(), clock(), OPERATION).compaction();
    }

    @BeforeEach
    void prepare() {
        prepareCpu();
        await(catalog().addColumns(MEM, List.of(HOST), false));
    }

    private void commit(TableId table, String id, long... times) {
        List<DataFile> files = new java.util.ArrayList<>();
        for (int i = 0; i < times.length; i++) {
            files.add(new DataFile(table.measurement() + id + "-" + i, times[i], times[i] + 5, 1, 1));
        }
        await(catalog().commit(new FlushCommit(table.measurement() + id, table, "wal", 1, 1, files)));
    }

    private static Partition hour(TableId table, long start) {
        return new Partition(table, PartitionTier.HOUR, start);
    }

    private List<QueuedPartition> due(Duration quiet, long changes) {
        return await(queue().due(QuietTimes.at(now.get(), quiet, quiet), changes, 100));
    }

    @Test
    void everyCommitQueuesTheHoursOfItsFiles() {
        commit(CPU, "a", 0, HOUR, HOUR + 7, -1 - HOUR);
        commit(CPU, "b", 3);
        commit(MEM, "a", 3);
        assertThat(due(Duration.ZERO, 100))
                .containsExactlyInAnyOrder(
                        new QueuedPartition(hour(CPU, 0), 2, START, 0),
                        new QueuedPartition(hour(CPU, HOUR), 2, START, 0),
                        new QueuedPartition(hour(CPU, -2 * HOUR), 1, START, 0),
                        new QueuedPartition(hour(MEM, 0), 1, START, 0));
        assertThat(await(queue().size())).isEqualTo(4);
        assertThat(await(queue().due(QuietTimes.at(START, Duration.ZERO, Duration.ZERO), 100, 1)))
                .hasSize(1);
    }

    @Test
    void aPartitionIsDueWhenItIsQuietOrHasManyChanges() {
        commit(CPU, "a", 0);
        now.set(START.plusSeconds(60));
        commit(MEM, "a", 0);
        commit(MEM, "b", 0);
        assertThat(due(Duration.ofSeconds(60), 3))
                .extracting(QueuedPartition::partition)
                .containsExactly(hour(CPU, 0));
        assertThat(due(Duration.ofSeconds(60), 2))
                .extracting(QueuedPartition::partition)
                .containsExactly(hour(CPU, 0), hour(MEM, 0));
        assertThat(due(Duration.ofSeconds(61), 3)).isEmpty();
    }

    @Test
    void hoursBeforeTheLastOneAreDueSooner() {
        long present = START.toEpochMilli() * 1000;
        now.set(START.plusSeconds(1_800)); // half past
        commit(CPU, "a", present, present - 1, present - HOUR, present - HOUR - 1, 0);
        await(queue().settle(new QueuedPartition(hour(CPU, 0), 1, now.get(), 0))); // which queues its day
        assertThat(dueOfPast()).isEmpty();
        now.set(now.get().plusSeconds(60));
        assertThat(dueOfPast()).containsExactly(hour(CPU, present - 2 * HOUR));
        now.set(now.get().plusSeconds(540));
        assertThat(dueOfPast())
                .containsExactlyInAnyOrder(
                        hour(CPU, present - 2 * HOUR),
                        hour(CPU, present - HOUR),
                        hour(CPU, present),
                        new Partition(CPU, PartitionTier.DAY, 0));
    }

    private List<Partition> dueOfPast() {
        QuietTimes times = QuietTimes.at(now.get(), Duration.ofMinutes(10), Duration.ofMinutes(1));
        List<QueuedPartition> due = await(queue().due(times, 100, 100));
        assertThat(due).allMatch(times::isQuiet);
        assertThat(await(queue().queued(100)).stream().filter(times::isQuiet).toList())
                .containsExactlyElementsOf(due);
        return due.stream().map(QueuedPartition::partition).toList();
    }

    @Test
    void aSettledHourQueuesItsDayOnceItIsOver() {
        commit(CPU, "a", DAY_OF_START + 2 * HOUR, 5 * HOUR);
        for (QueuedPartition hour : due(Duration.ZERO, 1)) {
            await(queue().settle(hour));
        }
        Partition past = new Partition(CPU, PartitionTier.DAY, 0);
        Partition today = new Partition(CPU, PartitionTier.DAY, DAY_OF_START);
        assertThat(due(Duration.ZERO, 1)).containsExactly(new QueuedPartition(past, 0, START, 0));
        Instant midnight = Instant.parse("2024-03-02T00:00:00Z");
        now.set(midnight);
        assertThat(due(Duration.ZERO, 1))
                .containsExactly(new QueuedPartition(past, 0, START, 0), new QueuedPartition(today, 0, midnight, 0));
        for (QueuedPartition day : due(Duration.ZERO, 1)) {
            await(queue().settle(day));
        }
        assertThat(await(queue().size())).isZero();
        commit(CPU, "late", 5 * HOUR);
        assertThat(due(Duration.ZERO, 1))
                .as("late rows queue their hour again")
                .containsExactly(new QueuedPartition(hour(CPU, 5 * HOUR), 1, midnight, 0));
    }

    @Test
    void whatCameMeanwhileIsNotSettledWithTheRest() { // LESSONS 23
        commit(CPU, "a", 0);
        QueuedPartition seen = due(Duration.ZERO, 1).get(0);
        commit(CPU, "b", 0);
        await(queue().settle(seen));
        assertThat(due(Duration.ZERO, 1)).containsExactly(new QueuedPartition(hour(CPU, 0), 2, START, 0));
        await(queue().postpone(seen, START.plusSeconds(30), 4));
        assertThat(due(Duration.ZERO, 2)).isEmpty();
        now.set(START.plusSeconds(30));
        assertThat(due(Duration.ZERO, 2))
                .containsExactly(new QueuedPartition(hour(CPU, 0), 1, START.plusSeconds(30), 4));
    }

    @Test
    void filesAreQuarantinedForAWhile() {
        await(queue().quarantine(CPU, "k", START.plusSeconds(10), "row group 1 is damaged"));
        assertThat(await(queue().keptOut(CPU))).containsExactly("k");
        assertThat(await(queue().keptOut(MEM))).isEmpty();
        assertThat(await(queue().quarantined(5)))
                .containsExactly(new QuarantinedFile("k", CPU, START, START.plusSeconds(10), "row group 1 is damaged"));
        now.set(START.plusSeconds(10));
        assertThat(await(queue().keptOut(CPU))).isEmpty();
        await(queue().quarantine(CPU, "k", START.plusSeconds(50), "x".repeat(5_000)));
        assertThat(await(queue().quarantined(5)).get(0).reason()).hasSize(2_000);
        assertThat(await(queue().forget(START.plusSeconds(49)))).isZero();
        assertThat(await(queue().forget(START.plusSeconds(51)))).isEqualTo(1);
        assertThat(await(queue().quarantined(5))).isEmpty();
    }

    @Test
    void runsAreRememberedOnceAndForgottenByAge() {
        CompactionRun first = run("1", 0, "");
        CompactionRun second = run("2", 5, "the store is away");
        await(queue().record(first));
        await(queue().record(second));
        await(queue().record(second));
        assertThat(await(queue().runs(10))).containsExactly(second, first);
        assertThat(await(queue().runs(1))).containsExactly(second);
        assertThat(await(queue().forget(START.plusSeconds(3)))).isEqualTo(1);
        assertThat(await(queue().runs(10))).containsExactly(second);
    }

    private static CompactionRun run(String id, int second, String failure) {
        return new CompactionRun(
                id, hour(CPU, HOUR), START, START.plusSeconds(second), 3, 300, 3_000, 299, 1_500, failure);
    }

    @Test
    void manyCommitsAtOnceLoseNoChange() {
        await(Flux.range(0, 40)
                .flatMap(
                        n -> catalog()
                                .commit(new FlushCommit(
                                        "f" + n, CPU, "wal", n, n, List.of(new DataFile("k" + n, n, n, 1, 1)))),
                        8)
                .then());
        assertThat(due(Duration.ZERO, 1)).containsExactly(new QueuedPartition(hour(CPU, 0), 40, START, 0));
    }

    @Test
    void filesOfAnOlderCatalogAreQueuedByTheMigration() {
        CatalogConnections old = open("old");
        int before = Migrations.FILES.indexOf("V006__compaction.sql");
        await(new Migrations(old.factory(), Migrations.FILES.subList(0, before)).run());
        DatabaseClient client = DatabaseClient.create(old.factory());
        await(client.sql(
                        "INSERT INTO databases (id, organisation, name, created_micros) VALUES (1, 'default', 'iot', 0)")
                .then());
        await(client.sql("INSERT INTO measurements (id, database_id, name) VALUES (1, 1, 'cpu')")
                .then());
        for (long time : new long[] {5, 6, HOUR, -1}) {
            await(client.sql(
                            "INSERT INTO files (object_key, measurement_id, flush_id, min_micros, max_micros, row_count,"
                                    + " size_bytes) VALUES (:key, 1, 'f', :time, :time, 1, 1)")
                    .bind("key", "k" + time)
                    .bind("time", time)
                    .then());
        }
        R2dbcCatalog catalog = new R2dbcCatalog(old.factory(), clock(), OPERATION);
        await(catalog.migrate());
        assertThat(await(catalog.compaction().due(QuietTimes.at(START, Duration.ZERO, Duration.ZERO), 1, 10)))
                .extracting(QueuedPartition::partition, QueuedPartition::changes)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple(hour(CPU, 0), 2L),
                        org.assertj.core.groups.Tuple.tuple(hour(CPU, HOUR), 1L),
                        org.assertj.core.groups.Tuple.tuple(hour(CPU, -HOUR), 1L));
        await(old.close());
    }
}
