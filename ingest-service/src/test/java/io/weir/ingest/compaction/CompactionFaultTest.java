package io.weir.ingest.compaction;

import static io.weir.ingest.compaction.CompactionFixture.HOUR;
import static io.weir.ingest.compaction.CompactionFixture.IOT;
import static io.weir.ingest.compaction.CompactionFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.TableId;
import io.weir.ingest.buffer.TestBatches;
import io.weir.storage.catalog.DataFile;
import io.weir.testing.CrashPoints;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compaction is killed at every step, again and again, while rows come and a reader counts. REQUIREMENTS L4, S6. */
class CompactionFaultTest {

    private static final int CYCLES = Integer.getInteger("weir.compaction.cycles", 100);
    /** Early and late in a cycle, or behind its end. */
    private static final int[] STEPS = {12, 60, 500};

    private static final TableId CPU = IOT.table("cpu");
    private static final long DAY = 24 * HOUR;

    @TempDir
    Path directory;

    private CompactionFixture fixture;
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong committed = new AtomicLong();

    @BeforeEach
    void open() throws Exception {
        fixture = new CompactionFixture(directory);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void whateverStepItIsKilledAtEveryReaderCountsTheRowsThatCameAndNoOthers() throws Exception { // LESSONS 19, 20, 39
        long seed = Long.getLong("weir.compaction.seed", System.nanoTime());
        System.out.println("CompactionFaultTest seed " + seed);
        Random random = new Random(seed);
        flush(random);
        AtomicReference<Throwable> miscounted = new AtomicReference<>();
        AtomicLong polls = new AtomicLong();
        Thread reader = new Thread(() -> countUntilInterrupted(polls, miscounted), "counting-reader");
        reader.start();
        int killed = 0;
        try {
            for (int cycle = 0; cycle < CYCLES && miscounted.get() == null; cycle++) {
                for (int n = random.nextInt(5); n >= 0; n--) {
                    flush(random);
                }
                fixture.pass(java.time.Duration.ofHours(random.nextInt(30)));
                CrashPoints crash =
                        new CrashPoints(random.nextInt(STEPS[random.nextInt(STEPS.length)]), random.nextBoolean());
                Compactor compactor = fixture.compactor(
                        crash, "max-files", String.valueOf(2 + random.nextInt(6)), "target-size", "20KB");
                compactor.turn().onErrorComplete().block(CompactionFixture.PATIENCE);
                compactor.awaitQuiet();
                killed += crash.isDead() ? 1 : 0;
                fixture.expireLeases();
            }
            flushOneOfEachDay(); // files that were large enough for the targets so far are looked at again
            Compactor last = fixture.compactor("target-size", "100MB");
            fixture.compactAll(last);
        } finally {
            reader.interrupt();
            reader.join();
        }
        if (miscounted.get() != null) {
            throw new AssertionError("seed " + seed, miscounted.get());
        }
        System.out.println(killed + " of " + CYCLES + " cycles were killed, " + polls + " counts");
        assertThat(killed).isGreaterThan(CYCLES / 3);
        assertThat(polls.get()).isGreaterThan(CYCLES / 10);
        everyRowIsThereOnceInOneFileADay(seed);
    }

    private void everyRowIsThereOnceInOneFileADay(long seed) throws Exception {
        try (Connection duck = CompactionFixture.duck()) {
            List<Long> numbers = fixture.rows(CPU, "n", duck).stream()
                    .map(row -> (Long) row.get(0))
                    .toList();
            assertThat(numbers)
                    .as("seed %d", seed)
                    .isEqualTo(LongStream.range(0, committed.get()).boxed().toList());
        }
        List<DataFile> files = fixture.files(CPU);
        assertThat(files).as("seed %d: days", seed).hasSize(3);
        assertThat(await(fixture.catalog.compaction().size())).isZero();
        try (var left = Files.list(fixture.work)) {
            assertThat(left).as("seed %d: files in the work directory", seed).isEmpty();
        }
    }

    /** A few rows of a few hosts in some of three days, late ones among them. */
    private void flush(Random random) {
        List<ColumnBatch> batches = new ArrayList<>();
        for (int n = random.nextInt(3); n >= 0; n--) {
            int rows = 1 + random.nextInt(random.nextInt(6) == 0 ? 700 : 20);
            long time = random.nextInt(3) * DAY + random.nextInt(4) * HOUR + random.nextInt(1_000) * 1_000L;
            batches.add(TestBatches.rows("cpu", "h" + random.nextInt(5), time, begun.getAndAdd(rows), rows));
        }
        fixture.flush(CPU, batches.toArray(ColumnBatch[]::new));
        committed.set(begun.get());
    }

    private void flushOneOfEachDay() {
        ColumnBatch[] batches = new ColumnBatch[3];
        for (int day = 0; day < batches.length; day++) {
            batches[day] = TestBatches.rows("cpu", "h0", day * DAY, begun.getAndIncrement(), 1);
        }
        fixture.flush(CPU, batches);
        committed.set(begun.get());
    }

    private void countUntilInterrupted(AtomicLong polls, AtomicReference<Throwable> miscounted) {
        try (Connection duck = CompactionFixture.duck()) {
            while (!Thread.currentThread().isInterrupted()) {
                long least = committed.get();
                long counted =
                        ((Number) fixture.rows(CPU, "count(*)", duck).get(0).get(0)).longValue();
                long most = begun.get();
                if (counted < least || counted > most) {
                    throw new AssertionError("counted " + counted + " rows (expected: " + least + " to " + most + ")");
                }
                polls.incrementAndGet();
            }
        } catch (Throwable e) {
            if (!Thread.currentThread().isInterrupted()) {
                miscounted.set(e);
            }
        }
    }
}
