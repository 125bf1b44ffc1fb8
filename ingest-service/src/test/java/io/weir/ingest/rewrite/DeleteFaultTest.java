package io.weir.ingest.rewrite;

import static io.weir.ingest.compaction.CompactionFixture.HOUR;
import static io.weir.ingest.compaction.CompactionFixture.IOT;
import static io.weir.ingest.compaction.CompactionFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.supervise.Turn;
import io.weir.ingest.buffer.TestBatches;
import io.weir.ingest.compaction.CompactionFixture;
import io.weir.ingest.compaction.Compactor;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.DeletedFile;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.FileOutcome;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.NewDelete;
import io.weir.storage.catalog.StoredDelete;
import io.weir.storage.object.LocalFiles;
import io.weir.testing.CrashPoints;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Rewriting is killed at every step, and compaction with it, while rows come and are deleted and a reader looks. REQUIREMENTS L3, L4. */
class DeleteFaultTest {

    private static final int CYCLES = Integer.getInteger("weir.delete.cycles", 60);
    private static final int[] STEPS = {12, 60, 500};
    private static final TableId CPU = IOT.table("cpu");

    @TempDir
    Path directory;

    private CompactionFixture fixture;
    private final AtomicLong next = new AtomicLong();
    private final Set<Long> there = new ConcurrentSkipListSet<>();
    private final Set<Long> going = new ConcurrentSkipListSet<>();
    private final Set<Long> gone = new ConcurrentSkipListSet<>();
    private final List<FileRewrite> opened = new ArrayList<>();
    private int deletes;

    @BeforeEach
    void open() throws Exception {
        fixture = new CompactionFixture(directory);
    }

    @AfterEach
    void close() {
        opened.forEach(FileRewrite::close);
        fixture.close();
    }

    private static RewriteSettings settings(String... keysAndValues) {
        Map<String, String> map = new java.util.HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put("weir.delete.rewrite." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(map))
                .bindOrCreate("weir.delete.rewrite", RewriteSettings.class);
    }

    /** The worker of a process that dies when {@code crash} says. */
    private DeleteWorker worker(CrashPoints crash) {
        opened.forEach(FileRewrite::close);
        opened.clear();
        FileRewrite rewrite = new FileRewrite(
                crash.of(Catalog.class, fixture.catalog),
                crash.of(LocalFiles.class, fixture.store),
                fixture.step(crash),
                new RewriteDirectories(fixture.objects, directory.resolve("rewriting")),
                settings(),
                fixture.schedulers.io());
        opened.add(rewrite);
        return new DeleteWorker(
                crash.of(Deletes.class, fixture.deletes()),
                crash.of(Leases.class, fixture.leases()),
                rewrite,
                settings(),
                new SimpleMeterRegistry(),
                fixture.clock());
    }

    private void flush(Random random) {
        List<ColumnBatch> batches = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        for (int n = random.nextInt(3); n >= 0; n--) {
            int rows = 1 + random.nextInt(random.nextInt(6) == 0 ? 1_300 : 20);
            long time = random.nextInt(3) * 24 * HOUR + random.nextInt(4) * HOUR + random.nextInt(1_000) * 1_000L;
            long first = next.getAndAdd(rows);
            batches.add(TestBatches.rows("cpu", "h" + random.nextInt(5), time, first, rows));
            for (int i = 0; i < rows; i++) {
                numbers.add(first + i);
            }
        }
        fixture.flush(CPU, batches.toArray(ColumnBatch[]::new));
        there.addAll(numbers);
    }

    /** Deletes some of the rows there are; rows of the condition that come later stay. */
    private void delete(Random random) {
        int k = 2 + random.nextInt(12);
        int rest = random.nextInt(k);
        boolean first = random.nextInt(4) == 0;
        long most = next.get() / 3;
        Set<Long> numbers = new TreeSet<>(there);
        numbers.removeIf(n -> first ? n >= most : n % k != rest);
        numbers.removeAll(gone);
        going.addAll(numbers);
        begin(first ? "n < " + most : "n % " + k + " = " + rest, false);
        gone.addAll(numbers);
    }

    private StoredDelete begin(String predicate, boolean wholeTimes) {
        return await(fixture.deletes()
                .begin(
                        new NewDelete("d" + ++deletes, CPU, predicate, wholeTimes, TimeRange.ALL, 0),
                        new AuditEntry(0, Instant.now(), "default", "tester", "rows.deleted", "cpu", predicate)));
    }

    private void look(Connection duck, long seed) throws SQLException {
        Set<Long> least = new TreeSet<>(there);
        Set<Long> never = new TreeSet<>(gone);
        List<Long> numbers = fixture.seen(CPU, duck);
        least.removeAll(going);
        Set<Long> once = new HashSet<>(numbers);
        assertThat(once).as("seed %d: each row once", seed).hasSize(numbers.size());
        never.retainAll(once);
        assertThat(never).as("seed %d: deleted rows that are seen", seed).isEmpty();
        least.removeAll(once);
        assertThat(least).as("seed %d: rows that are lost", seed).isEmpty();
    }

    @Test
    void whateverStepItIsKilledAtNoDeletedRowIsSeenAndNoOtherIsLost() throws Exception { // LESSONS 19, 20, 29, 39
        long seed = Long.getLong("weir.delete.seed", System.nanoTime());
        System.out.println("DeleteFaultTest seed " + seed);
        Random random = new Random(seed);
        flush(random);
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        AtomicLong looks = new AtomicLong();
        Thread reader = new Thread(() -> lookUntilInterrupted(seed, looks, wrong), "looking-reader");
        reader.start();
        int killed = 0;
        try {
            for (int cycle = 0; cycle < CYCLES && wrong.get() == null; cycle++) {
                for (int n = random.nextInt(3); n >= 0; n--) {
                    flush(random);
                }
                if (random.nextInt(3) > 0) {
                    delete(random);
                }
                fixture.pass(Duration.ofHours(random.nextInt(30)));
                CrashPoints crash =
                        new CrashPoints(random.nextInt(STEPS[random.nextInt(STEPS.length)]), random.nextBoolean());
                if (random.nextBoolean()) {
                    Compactor compactor = fixture.compactor(crash, "max-files", "4", "target-size", "20KB");
                    compactor.turn().onErrorComplete().block(CompactionFixture.PATIENCE);
                    compactor.awaitQuiet();
                } else {
                    DeleteWorker worker = worker(crash);
                    worker.turn().onErrorComplete().block(CompactionFixture.PATIENCE);
                    worker.awaitQuiet();
                }
                killed += crash.isDead() ? 1 : 0;
                fixture.expireLeases();
            }
            rewriteAll();
        } finally {
            reader.interrupt();
            reader.join();
        }
        if (wrong.get() != null) {
            throw new AssertionError("seed " + seed, wrong.get());
        }
        System.out.println(killed + " of " + CYCLES + " cycles were killed, " + looks + " looks, " + gone.size()
                + " of " + there.size() + " rows deleted");
        assertThat(killed).isGreaterThan(CYCLES / 4);
        there.removeAll(gone);
        assertThat(await(fixture.catalog.snapshot(CPU, List.of())).deleted()).isEmpty();
        try (Connection duck = CompactionFixture.duck()) {
            assertThat(fixture.seen(CPU, duck)).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(there);
        }
        try (var left = Files.list(fixture.work)) {
            assertThat(left).as("seed %d: files in the work directory", seed).isEmpty();
        }
    }

    private void rewriteAll() {
        DeleteWorker last = worker(new CrashPoints());
        for (int i = 0; i < 50; i++) {
            fixture.pass(Duration.ofHours(2));
            if (await(last.turn()) == Turn.DONE
                    && await(fixture.deletes().due(1)).isEmpty()) {
                return;
            }
        }
        throw new AssertionError("files are left: " + await(fixture.deletes().due(10)));
    }

    private void lookUntilInterrupted(long seed, AtomicLong looks, AtomicReference<Throwable> wrong) {
        try (Connection duck = CompactionFixture.duck()) {
            while (!Thread.currentThread().isInterrupted()) {
                look(duck, seed);
                looks.incrementAndGet();
            }
        } catch (Throwable e) {
            if (!Thread.currentThread().isInterrupted()) {
                wrong.set(e);
            }
        }
    }

    @Test
    void eachFileHasItsOwnOutcome() throws Exception { // LESSONS 30
        for (int file = 0; file < 4; file++) {
            fixture.flush(CPU, TestBatches.rows("cpu", "h", file * HOUR, file * 100L, 100));
        }
        StoredDelete delete = begin("n >= 50 AND n < 250", false);
        Path lost = fixture.objects.resolve(fixture.files(CPU).get(2).objectKey());
        Path kept = directory.resolve("kept");
        Files.move(lost, kept);
        DeleteWorker worker = worker(new CrashPoints());
        assertThat(worker.turn().onErrorReturn(Turn.SKIPPED).block(CompactionFixture.PATIENCE))
                .as("the loop says that it failed")
                .isEqualTo(Turn.SKIPPED);
        StoredDelete now = await(fixture.deletes().find("default", delete.id()));
        assertThat(now.pendingFiles()).isOne();
        assertThat(now.failingFiles()).isOne();
        assertThat(now.removedRows()).isEqualTo(150);
        List<DeletedFile> files = await(fixture.deletes().files(delete.id(), 10));
        assertThat(files)
                .extracting(DeletedFile::outcome)
                .containsExactlyInAnyOrder(
                        FileOutcome.PENDING, FileOutcome.REWRITTEN, FileOutcome.REMOVED, FileOutcome.UNCHANGED);
        assertThat(files.get(0).failure()).isNotEmpty();
        assertThat(files.get(0).failures()).isOne();

        assertThat(await(worker.turn())).as("it waits for its turn").isEqualTo(Turn.DONE);
        Files.move(kept, lost);
        fixture.pass(Duration.ofHours(1));
        assertThat(await(worker.turn())).isEqualTo(Turn.DONE);
        now = await(fixture.deletes().find("default", delete.id()));
        assertThat(now.ended()).isNotNull();
        assertThat(now.removedRows()).isEqualTo(200);
        assertThat(fixture.files(CPU)).extracting(DataFile::rows).containsExactlyInAnyOrder(50L, 50L, 100L);
    }

    @Test
    void aFileThatIsDeletedByItsTimesIsNotRead() throws Exception {
        fixture.flush(CPU, TestBatches.rows("cpu", "h", 0, 0, 100));
        fixture.flush(CPU, TestBatches.rows("cpu", "h", HOUR, 100, 100));
        DataFile first = fixture.files(CPU).get(0);
        Files.delete(fixture.objects.resolve(first.objectKey())); // so that whoever reads it fails
        begin("\"time\" < make_timestamptz(" + HOUR + ")", true);
        assertThat(await(worker(new CrashPoints()).turn())).isEqualTo(Turn.DONE);
        assertThat(fixture.files(CPU)).extracting(DataFile::rows).containsExactly(100L);
        assertThat(await(fixture.deletes().files("d1", 10)))
                .extracting(DeletedFile::outcome)
                .containsExactly(FileOutcome.UNCHANGED, FileOutcome.REMOVED);
    }

    @Test
    void whereAConditionFailsRowsStay() throws Exception {
        fixture.flush(CPU, TestBatches.rows("cpu", "h", 0, 0, 10));
        begin("CAST(repeat('x', CAST(n AS INTEGER) % 2) || '1' AS INTEGER) = 1", false);
        assertThat(await(worker(new CrashPoints()).turn())).isEqualTo(Turn.DONE);
        try (Connection duck = CompactionFixture.duck()) {
            assertThat(fixture.seen(CPU, duck)).containsExactlyInAnyOrder(1L, 3L, 5L, 7L, 9L);
        }
    }

    @Test
    void oneProcessRewritesAtATime() { // LESSONS 29
        assertThat(await(fixture.leases().acquire(DeleteWorker.LEASE, "another", Duration.ofMinutes(1))))
                .isNotNull();
        assertThat(await(worker(new CrashPoints()).turn())).isEqualTo(Turn.SKIPPED);
    }
}
