package io.weir.ingest.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotVersion;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.memory.MemoryStage;
import io.weir.common.memory.Reservation;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class IngestBuffersTest {

    private static final TableId CPU = new DatabaseId("default", "iot").table("cpu");
    private final List<BufferPart> sealed = new ArrayList<>();
    private final AtomicInteger released = new AtomicInteger();

    private IngestBuffers buffers(Duration age, long partBytes) {
        return buffers(BufferLimits.ofAge(age, partBytes));
    }

    private IngestBuffers buffers(BufferLimits limits) {
        return new IngestBuffers(Clock.systemUTC(), limits, sealed::add);
    }

    private BufferedBatch batch(long sequence) {
        return new BufferedBatch(
                TestBatches.rows("cpu", "a", 0, sequence, 10), sequence, sequence, released::incrementAndGet);
    }

    @Test
    void aPublishedBatchIsVisibleUntilItsPartIsDropped() { // invariant 1
        IngestBuffers buffers = buffers(Duration.ofHours(1), Long.MAX_VALUE);
        buffers.publish(CPU, batch(1));
        buffers.publish(CPU, batch(2));
        assertThat(hotRows(buffers)).isEqualTo(20);
        buffers.sealAll();
        assertThat(hotRows(buffers)).isEqualTo(20);
        assertThat(released).hasValue(0);
        buffers.drop(sealed.get(0));
        assertThat(hotRows(buffers)).isZero();
        assertThat(released).hasValue(2);
        assertThat(buffers.heldBytes()).isZero();
    }

    /** C6: whatever changes what a query sees changes the version, and it is the one that the parts themselves have. */
    @Test
    void theVersionMovesWithTheRows() {
        IngestBuffers buffers = buffers(Duration.ofHours(1), Long.MAX_VALUE);
        List<String> versions = new ArrayList<>();
        versions.add(version(buffers));
        for (int i = 1; i <= 20; i++) { // small batches are merged on the way
            buffers.publish(CPU, batch(i));
            versions.add(version(buffers));
        }
        buffers.sealAll();
        assertThat(version(buffers)).as("the same rows").isEqualTo(versions.get(versions.size() - 1));
        buffers.publish(CPU, batch(21));
        versions.add(version(buffers));
        buffers.drop(sealed.get(0));
        versions.add(version(buffers));
        assertThat(versions).doesNotHaveDuplicates();
    }

    private static String version(IngestBuffers buffers) {
        String version = buffers.version(CPU).block();
        try (HotHold hold = new HotHold()) {
            List<HotPart> parts = buffers.snapshot(CPU, hold).block();
            assertThat(version).isNotNull().isEqualTo(HotVersion.of(parts));
        }
        return version;
    }

    @Test
    void aPartHasItsFlushIdBeforeItIsSealed() { // invariant 2
        IngestBuffers buffers = buffers(Duration.ofHours(1), Long.MAX_VALUE);
        buffers.publish(CPU, batch(1));
        String whileOpen = snapshot(buffers).get(0).flushId();
        buffers.publish(CPU, batch(2));
        buffers.sealAll();
        buffers.publish(CPU, batch(3));
        assertThat(sealed.get(0).flushId()).isEqualTo(whileOpen);
        assertThat(sealed.get(0).firstSequence()).isEqualTo(1);
        assertThat(sealed.get(0).lastSequence()).isEqualTo(2);
        assertThat(snapshot(buffers)).extracting(HotPart::flushId).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void aPartIsSealedWhenItIsDueAndNotBefore() { // REQUIREMENTS P5
        IngestBuffers buffers = buffers(Duration.ofSeconds(10), Long.MAX_VALUE);
        long before = System.nanoTime();
        buffers.publish(CPU, batch(1));
        assertThat(buffers.sealDue(before + Duration.ofSeconds(9).toNanos())).isPresent();
        assertThat(sealed).isEmpty();
        assertThat(buffers.sealDue(System.nanoTime() + Duration.ofSeconds(10).toNanos()))
                .isEmpty();
        assertThat(sealed).hasSize(1);
    }

    @Test
    void aPartIsSealedWhenItIsBigAndItsDeadlineGoesWithIt() {
        IngestBuffers buffers = buffers(Duration.ofSeconds(10), 1);
        buffers.publish(CPU, batch(1));
        assertThat(sealed).hasSize(1);
        assertThat(buffers.sealDue(System.nanoTime())).isEmpty();
    }

    @Test
    void aFlushIsDoneWhenTheRowsOfItsMomentAreCommittedWhateverComesAfter() {
        IngestBuffers buffers = buffers(Duration.ofHours(1), Long.MAX_VALUE);
        buffers.publish(CPU, batch(1));
        buffers.sealAll();
        buffers.publish(CPU, batch(2));
        AtomicInteger done = new AtomicInteger();
        buffers.flushed().subscribe(nothing -> {}, e -> {}, done::incrementAndGet);
        buffers.publish(CPU, batch(3));
        buffers.sealAll();
        buffers.drop(sealed.get(1));
        assertThat(done).hasValue(0);
        buffers.drop(sealed.get(0));
        assertThat(done).hasValue(1);
        assertThat(buffers.openBytes()).isZero();
    }

    @Test
    void underPressureTheLargestPartGoesFirst() {
        IngestBuffers buffers = buffers(Duration.ofHours(1), Long.MAX_VALUE);
        TableId small = CPU.databaseId().table("small");
        buffers.publish(small, batch(1));
        buffers.publish(CPU, batch(2));
        buffers.publish(CPU, batch(3));
        buffers.sealLargest(1);
        assertThat(sealed).extracting(BufferPart::table).containsExactly(CPU);
    }

    private BufferedBatch counted(long sequence, MemoryBudget budget) {
        ColumnBatch rows = TestBatches.rows("cpu", "a", 0, sequence, 10);
        Reservation memory = budget.claim(rows.sizeBytes(), new MemoryStage("buffer"));
        return new BufferedBatch(rows, sequence, sequence, null, released::incrementAndGet, memory);
    }

    @Test
    void memoryIsFreedWhenTheRowsAreInFilesAndNobodyReadsThemAnyMore() { // REQUIREMENTS P1, invariant 3
        IngestBuffers buffers = buffers(Duration.ofHours(1), Long.MAX_VALUE);
        MemoryBudget budget = MemoryBudget.root("ingest", 1);
        buffers.publish(CPU, counted(1, budget));
        HotHold one = new HotHold();
        HotHold other = new HotHold();
        buffers.snapshot(CPU, one).block();
        buffers.publish(CPU, counted(2, budget));
        buffers.snapshot(CPU, other).block();
        long both = budget.usedBytes();
        buffers.sealAll();
        buffers.drop(sealed.get(0));
        assertThat(released).as("the log waits for no query").hasValue(2);
        assertThat(budget.usedBytes()).isEqualTo(both);
        assertThat(buffers.readBytes()).isEqualTo(both);
        assertThat(buffers.heldBytes()).isZero();
        one.close();
        one.close();
        assertThat(budget.usedBytes())
                .as("released twice by one query, still read by the other")
                .isEqualTo(both);
        other.close();
        assertThat(budget.usedBytes()).isZero();
        assertThat(buffers.readBytes()).isZero();
    }

    @Test
    void aSnapshotThatComesAfterItsQueryEndedHoldsNothing() { // invariant 5
        IngestBuffers buffers = buffers(Duration.ofHours(1), Long.MAX_VALUE);
        MemoryBudget budget = MemoryBudget.root("ingest", 1);
        buffers.publish(CPU, counted(1, budget));
        HotHold hold = new HotHold();
        hold.close();
        buffers.snapshot(CPU, hold).block();
        buffers.sealAll();
        buffers.drop(sealed.get(0));
        assertThat(budget.usedBytes()).isZero();
    }

    /** Random reads, publications and drops by several threads: the budget ends at 0, whatever the order was. */
    @Test
    void concurrentReadersAndFlushesLeaveNothing() throws InterruptedException { // invariants 3, 5
        long seed = Long.getLong("weir.test.seed", System.nanoTime());
        System.out.println("seed " + seed);
        BlockingQueue<BufferPart> parts = new LinkedBlockingQueue<>();
        IngestBuffers buffers =
                new IngestBuffers(Clock.systemUTC(), BufferLimits.ofAge(Duration.ofHours(1), 4_000), parts::add);
        MemoryBudget budget = MemoryBudget.root("ingest", 1);
        int readers = 3;
        CountDownLatch done = new CountDownLatch(readers + 2);
        AtomicBoolean published = new AtomicBoolean();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Runnable> work = new ArrayList<>();
        work.add(() -> {
            for (int i = 1; i <= 5_000; i++) {
                buffers.publish(CPU, counted(i, budget));
            }
            buffers.sealAll();
            published.set(true);
        });
        work.add(() -> {
            while (!published.get() || !parts.isEmpty()) {
                BufferPart part = parts.poll();
                if (part != null) {
                    buffers.drop(part);
                }
            }
        });
        for (int r = 0; r < readers; r++) {
            Random random = new Random(seed + r);
            work.add(() -> {
                Deque<HotHold> open = new ArrayDeque<>();
                while (!published.get()) {
                    HotHold hold = new HotHold();
                    List<HotPart> read = buffers.snapshot(CPU, hold).block();
                    if (random.nextBoolean() && read != null) {
                        read.forEach(HotPart::close);
                    }
                    open.add(hold);
                    if (open.size() > random.nextInt(8)) {
                        open.remove().close();
                    }
                }
                open.forEach(HotHold::close);
            });
        }
        for (Runnable task : work) {
            new Thread(() -> {
                        try {
                            task.run();
                        } catch (RuntimeException | Error e) {
                            failures.add(e);
                        } finally {
                            done.countDown();
                        }
                    })
                    .start();
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(failures).isEmpty();
        assertThat(budget.usedBytes()).isZero();
        assertThat(buffers.heldBytes()).isZero();
        assertThat(buffers.readBytes()).isZero();
        assertThat(released).hasValue(5_000);
    }

    @Test
    void aSmallPartWaitsForTheMaximumAgeAndABigOneDoesNot() { // REQUIREMENTS P5
        long bytes = batch(1).batch().sizeBytes();
        BufferLimits limits =
                new BufferLimits(Duration.ofSeconds(10), Duration.ofMinutes(10), bytes * 3 / 2, Long.MAX_VALUE);
        IngestBuffers buffers = buffers(limits);
        TableId big = CPU.databaseId().table("big");
        long before = System.nanoTime();
        buffers.publish(CPU, batch(1));
        buffers.publish(big, batch(2));
        buffers.publish(big, batch(3));
        long opened = System.nanoTime();
        buffers.sealDue(opened + Duration.ofSeconds(10).toNanos());
        assertThat(sealed).extracting(BufferPart::table).containsExactly(big);
        long next = buffers.sealDue(before + Duration.ofMinutes(5).toNanos()).orElseThrow();
        assertThat(sealed).hasSize(1);
        assertThat(next).isBetween(0L, Duration.ofMinutes(5).toNanos() + opened - before);
        assertThat(buffers.sealDue(opened + Duration.ofMinutes(10).toNanos())).isEmpty();
        assertThat(sealed).hasSize(2);
    }

    @Test
    void aPartThatWaitedIsSealedAsSoonAsItIsBigEnough() {
        long bytes = batch(1).batch().sizeBytes();
        IngestBuffers buffers =
                buffers(new BufferLimits(Duration.ofNanos(1), Duration.ofHours(1), bytes * 3 / 2, Long.MAX_VALUE));
        buffers.publish(CPU, batch(1));
        assertThat(buffers.sealDue(System.nanoTime())).isPresent();
        assertThat(sealed).isEmpty();
        buffers.publish(CPU, batch(2));
        assertThat(sealed).hasSize(1);
        assertThat(buffers.sealDue(System.nanoTime())).isEmpty();
    }

    @Test
    void smallPartsOpenedTogetherAreSealedOverHalfTheMaximumAge() {
        IngestBuffers buffers =
                buffers(new BufferLimits(Duration.ofSeconds(1), Duration.ofMinutes(10), 1 << 20, Long.MAX_VALUE));
        for (int i = 0; i < 1_000; i++) {
            buffers.publish(CPU.databaseId().table("m" + i), batch(i + 1));
        }
        long opened = System.nanoTime();
        int before = 0;
        for (int minute = 6; minute <= 10; minute++) {
            buffers.sealDue(opened + Duration.ofMinutes(minute).toNanos());
            assertThat(sealed.size() - before).as("in minute " + minute).isBetween(130, 270);
            before = sealed.size();
        }
        assertThat(before).isEqualTo(1_000);
    }

    @Test
    void underPressureOfTheLogThePartsWithOldRowsGoWhateverTheirSize() {
        IngestBuffers buffers = buffers(Duration.ofHours(1), Long.MAX_VALUE);
        TableId old = CPU.databaseId().table("old");
        buffers.publish(old, batch(1));
        buffers.publish(CPU, batch(2));
        buffers.publish(old, batch(3));
        buffers.sealBefore(2);
        assertThat(sealed).extracting(BufferPart::table).containsExactly(old);
        assertThat(sealed.get(0).lastSequence()).isEqualTo(3);
    }

    @Test
    void theClockLooksAgainWhenItIsWoken() throws InterruptedException {
        IngestBuffers buffers = buffers(Duration.ofHours(1), Long.MAX_VALUE);
        Semaphore relieved = new Semaphore(0);
        try (DeadlineClock clock = new DeadlineClock(buffers, relieved::release)) {
            assertThat(relieved.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 100; i++) {
                relieved.drainPermits();
                clock.wake();
                assertThat(relieved.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    void databasesAndOrganisationsDoNotMeet() { // invariant 8
        IngestBuffers buffers = buffers(Duration.ofHours(1), Long.MAX_VALUE);
        buffers.publish(CPU, batch(1));
        assertThat(buffers.snapshot(new TableId("other", "iot", "cpu"), new HotHold())
                        .block())
                .isEmpty();
        assertThat(buffers.snapshot(new TableId("default", "other", "cpu"), new HotHold())
                        .block())
                .isEmpty();
    }

    private static List<HotPart> snapshot(IngestBuffers buffers) {
        try (HotHold hold = new HotHold()) {
            List<HotPart> parts = buffers.snapshot(CPU, hold).block();
            assertThat(parts).isNotNull();
            return parts;
        }
    }

    private static long hotRows(IngestBuffers buffers) {
        return snapshot(buffers).stream().mapToLong(HotPart::rows).sum();
    }
}
