package io.weir.ingest.wal;

import static io.weir.ingest.wal.SteppedLog.append;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.error.CommonError;
import io.weir.common.error.ErrorCode;
import io.weir.common.error.WeirException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.util.unit.DataSize;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

@Timeout(30)
class WriteAheadLogTest {

    private static final WalReplayHandler NOTHING = (append, hold) -> {};

    private final MemoryWalFileSystem files = new MemoryWalFileSystem(1);
    private final Scheduler completions = Schedulers.newParallel("completions", 2);
    private final List<Long> published = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> sequences = Collections.synchronizedList(new ArrayList<>());
    private final List<WalHold> holds = Collections.synchronizedList(new ArrayList<>());
    private final AtomicReference<CountDownLatch> syncGate = new AtomicReference<>(new CountDownLatch(0));
    private final CountDownLatch syncReached = new CountDownLatch(1);

    private WriteAheadLog open(WalSettings settings) {
        return WriteAheadLog.open(files, settings, NOTHING, this::publish, completions);
    }

    private WriteAheadLog open() {
        return open(SteppedLog.settings(1 << 16));
    }

    private void publish(WalAppend append, WalHold hold) {
        assertThat(Thread.currentThread().getName()).isEqualTo("weir-wal");
        sequences.add(hold.baseSequence());
        published.add(RandomBatches.numberOf(append.batches().get(0)));
        holds.add(hold);
    }

    /** Makes the log stop in its next sync. @return lets it go on */
    private Runnable holdSync() {
        CountDownLatch gate = new CountDownLatch(1);
        syncGate.set(gate);
        files.beforeSync = () -> {
            if (Thread.currentThread().getName().equals("weir-wal")) {
                syncReached.countDown();
                awaitQuietly(syncGate.get());
            }
        };
        return gate::countDown;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertCode(Mono<Void> append, ErrorCode code) {
        StepVerifier.create(append)
                .expectErrorSatisfies(
                        e -> assertThat(((WeirException) e).code()).isEqualTo(code))
                .verify(Duration.ofSeconds(20));
    }

    @AfterEach
    void nothingIsLeftOpen() throws InterruptedException {
        completions.dispose();
        assertThat(files.openFiles()).isZero();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("weir-wal")) {
                thread.join(10_000); // its work is done, it may still be on its way out
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
    }

    @Test
    void anAppendCompletesAfterItsSyncAndItsPublicationOnTheGivenScheduler() throws Exception {
        try (WriteAheadLog log = open()) {
            log.append(append(1)).block(); // the first one also writes the meta file
            Runnable release = holdSync();
            CompletableFuture<String> thread = log.append(append(2))
                    .then(Mono.fromSupplier(() -> Thread.currentThread().getName()))
                    .toFuture();
            awaitQuietly(syncReached);
            assertThat(thread).isNotDone();
            assertThat(published).containsExactly(1L);
            release.run();
            assertThat(thread.get()).startsWith("completions");
            assertThat(published).containsExactly(1L, 2L);
            assertThat(log.queueBytes()).isZero();
        }
    }

    @Test
    void allThatWaitShareOneSync() {
        try (WriteAheadLog log = open()) {
            log.append(append(0)).block();
            Runnable release = holdSync();
            List<CompletableFuture<Void>> waiting = new ArrayList<>();
            waiting.add(log.append(append(1)).toFuture());
            awaitQuietly(syncReached);
            for (int i = 2; i <= 100; i++) {
                waiting.add(log.append(append(i)).toFuture());
            }
            long before = log.syncs();
            release.run();
            CompletableFuture.allOf(waiting.toArray(new CompletableFuture<?>[0]))
                    .join();
            assertThat(log.syncs() - before).isEqualTo(2); // the one that was held, and one for 99 appends
            assertThat(sequences).isSorted().doesNotHaveDuplicates().hasSize(101);
        }
    }

    @Test
    void cancellingOneAppendDisturbsNoneAndStillStoresIt() { // LESSONS 4
        try (WriteAheadLog log = open()) {
            log.append(append(1)).block();
            Runnable release = holdSync();
            Disposable cancelled = log.append(append(2)).subscribe();
            awaitQuietly(syncReached);
            CompletableFuture<Void> other = log.append(append(3)).toFuture();
            cancelled.dispose();
            release.run();
            other.join();
            assertThat(published).containsExactly(1L, 2L, 3L);
        }
    }

    @Test
    void interruptingRequestsAndListenersClosesNoFile(@TempDir Path directory) { // LESSONS 4
        WalListener interrupting = (append, hold) -> {
            publish(append, hold);
            Thread.currentThread().interrupt();
        };
        WalSettings settings = SteppedLog.settings(1 << 16);
        try (WriteAheadLog log = WriteAheadLog.open(directory, settings, NOTHING, interrupting, completions)) {
            for (int i = 1; i <= 20; i++) {
                WalAppend append = new WalAppend(
                        SteppedLog.DATABASE, append(i).batches(), i % 2 == 0 ? WalAck.SYNCED : WalAck.WRITTEN);
                Disposable request = log.append(append).subscribeOn(completions).subscribe();
                request.dispose(); // interrupts the worker that subscribes, if it has begun
            }
            log.append(append(99)).block();
            assertThat(log.failures()).isZero();
        }
        List<Long> replayed = new ArrayList<>();
        WriteAheadLog.open(
                        directory,
                        settings,
                        (append, hold) -> replayed.add(
                                RandomBatches.numberOf(append.batches().get(0))),
                        this::publish,
                        completions)
                .close();
        assertThat(replayed).isEqualTo(published).contains(99L);
    }

    @Test
    void aFullLogRefusesAppendsUntilItsRowsAreReleased() { // LESSONS 1, 14
        WalSettings small =
                WalSettings.defaults().withSegmentSize(DataSize.ofKilobytes(4)).withMaxSize(DataSize.ofKilobytes(16));
        try (WriteAheadLog log = open(small)) {
            long number = 1;
            while (log.liveBytes() < small.maxSize().toBytes()) {
                log.append(append(number++)).block();
            }
            assertCode(log.append(append(number)), CommonError.OVERLOADED);
            holds.forEach(hold -> {
                for (int i = 0; i < hold.batches(); i++) {
                    hold.release();
                }
            });
            log.append(append(number))
                    .retryWhen(Retry.backoff(20, Duration.ofMillis(1)))
                    .block();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAppendAsLargeAsTheLogBlocksItOnlyUntilItsRowsAreReleased(WalAck ack) {
        WalSettings small =
                WalSettings.defaults().withSegmentSize(DataSize.ofKilobytes(4)).withMaxSize(DataSize.ofKilobytes(16));
        try (WriteAheadLog log = open(small)) {
            log.append(append(1)).block();
            WalAppend large = append(RandomBatches.numberedOfSize(2, 100_000));
            log.append(new WalAppend(SteppedLog.DATABASE, large.batches(), ack)).block();
            assertThat(log.liveBytes()).isGreaterThan(small.maxSize().toBytes());
            assertCode(log.append(append(3)), CommonError.OVERLOADED);
            Awaitility.await("all of it is to be flushed, as soon as the segment is left")
                    .until(() -> log.sequenceOfNewest(small.maxSize().toBytes() / 2) == 3);
            holds.forEach(WalHold::release);
            log.append(append(3))
                    .retryWhen(Retry.backoff(20, Duration.ofMillis(1)))
                    .block();
            assertThat(published).containsExactly(1L, 2L, 3L);
            assertThat(log.liveBytes()).isEqualTo(small.segmentSize().toBytes());
        }
    }

    @Test
    void aFullQueueRefusesAtOnceAndTakesAppendsAgainLater() { // LESSONS 2
        WalSettings small = new WalSettings(
                SyncMode.FSYNC,
                Duration.ofMillis(100),
                DataSize.ofKilobytes(64),
                1,
                DataSize.ofBytes(append(1).sizeBytes() * 2),
                Duration.ZERO,
                DataSize.ofGigabytes(4),
                Duration.ofMinutes(1),
                DataSize.ofGigabytes(1));
        try (WriteAheadLog log = open(small)) {
            log.append(append(1)).block();
            Runnable release = holdSync();
            CompletableFuture<Void> first = log.append(append(2)).toFuture();
            awaitQuietly(syncReached);
            CompletableFuture<Void> second = log.append(append(3)).toFuture();
            assertCode(log.append(append(4)), CommonError.OVERLOADED);
            assertThat(log.queueBytes()).isEqualTo(2 * append(1).sizeBytes());
            assertThat(log.queuedAppends())
                    .as("one waits, one is being written")
                    .isEqualTo(1);
            release.run();
            CompletableFuture.allOf(first, second).join();
            log.append(append(RandomBatches.numberedOfSize(5, 100_000))).block(); // larger than the queue, but alone
            assertThat(published).containsExactly(1L, 2L, 3L, 5L);
            assertThat(log.queueBytes()).isZero();
            assertThat(log.queuedAppends()).isZero();
        }
    }

    @Test
    void closingDrainsWhatWaitsAndRefusesWhatComes() throws Exception { // LESSONS 3
        WriteAheadLog log = open();
        log.append(append(1)).block();
        Runnable release = holdSync();
        List<CompletableFuture<Void>> waiting = new ArrayList<>();
        waiting.add(log.append(append(2)).toFuture());
        awaitQuietly(syncReached);
        for (int i = 3; i <= 50; i++) {
            waiting.add(log.append(append(i)).toFuture());
        }
        Thread closer = new Thread(log::close);
        closer.start();
        while (closer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertCode(log.append(append(99)), CommonError.SHUTTING_DOWN);
        release.run();
        closer.join();
        CompletableFuture.allOf(waiting.toArray(new CompletableFuture<?>[0])).join();
        assertThat(published).hasSize(50).isSorted();
        log.close();
        assertCode(log.append(append(99)), CommonError.SHUTTING_DOWN);
    }

    @Test
    void appendsThatRaceWithCloseAreStoredOrRefused() throws Exception { // LESSONS 2, 3
        for (int round = 0; round < 30; round++) {
            published.clear();
            WriteAheadLog log = open();
            List<CompletableFuture<Boolean>> answers = new ArrayList<>();
            Thread writer = new Thread(() -> {
                for (int i = 0; i < 200; i++) {
                    answers.add(log.append(append(i))
                            .thenReturn(true)
                            .onErrorResume(e -> Mono.just(false))
                            .toFuture());
                }
            });
            writer.start();
            while (log.appends() == 0) {
                Thread.onSpinWait();
            }
            log.close();
            writer.join();
            List<Long> stored = new ArrayList<>();
            for (int i = 0; i < answers.size(); i++) {
                if (answers.get(i).get(20, TimeUnit.SECONDS)) {
                    stored.add((long) i);
                }
            }
            assertThat(published).isEqualTo(stored);
        }
    }

    @Test
    void aListenerThatFailsIsNotAcknowledgedAndStopsNobody() {
        WalListener failing = (append, hold) -> {
            if (hold.baseSequence() == 2) {
                throw new IllegalStateException("no room");
            }
            publish(append, hold);
        };
        try (WriteAheadLog log =
                WriteAheadLog.open(files, SteppedLog.settings(1 << 16), NOTHING, failing, completions)) {
            log.append(append(1)).block();
            assertCode(log.append(append(2)), CommonError.INTERNAL);
            log.append(append(3)).block();
            assertThat(published).containsExactly(1L, 3L);
        }
    }

    @Test
    void aBatchThatContradictsItselfFailsAlone() {
        ColumnBatch wrong = new ColumnBatch(
                "m",
                1,
                new long[1],
                null,
                new SeriesTable(1, List.of("host"), new int[][] {{3}}, new Utf8Dictionary[] {Utf8Dictionary.of("a")}),
                new int[1],
                List.of());
        try (WriteAheadLog log = open()) {
            assertCode(log.append(append(wrong)), CommonError.INTERNAL);
            log.append(append(1)).block();
            assertThat(log.failures()).isZero();
            assertThat(sequences).containsExactly(1L);
        }
    }

    @Test
    void everySubscriptionIsOneAppend() {
        try (WriteAheadLog log = open()) {
            Mono<Void> append = log.append(append(1));
            assertThat(log.queueBytes()).isZero();
            append.block();
            append.block();
            assertThat(published).containsExactly(1L, 1L);
        }
    }

    @Test
    void aWrittenAppendIsNotHeldUpBySyncsAndIsSyncedSoon() throws Exception {
        CountDownLatch synced = new CountDownLatch(1);
        try (WriteAheadLog log = open()) {
            log.append(append(1)).block();
            files.beforeSync = synced::countDown;
            log.append(new WalAppend(SteppedLog.DATABASE, append(2).batches(), WalAck.WRITTEN))
                    .block();
            assertThat(published).containsExactly(1L, 2L);
            assertThat(synced.await(20, TimeUnit.SECONDS)).isTrue(); // by the interval, nobody asks for it
        }
    }

    @Test
    void manyWritersOnARealDiskAreAllReplayedInOrder(@TempDir Path directory) {
        WalSettings settings = SteppedLog.settings(1 << 16).withSync(SyncMode.FDATASYNC);
        try (WriteAheadLog log = WriteAheadLog.open(directory, settings, NOTHING, this::publish, completions)) {
            Flux.range(1, 3_000)
                    .flatMap(i -> log.append(append(i)).subscribeOn(completions), 64)
                    .blockLast();
            assertThat(log.appends()).isEqualTo(3_000);
            assertThat(log.syncs()).isLessThan(3_000);
            assertThat(log.segments()).isGreaterThan(3);
        }
        List<Long> replayed = new ArrayList<>();
        try (WriteAheadLog log = WriteAheadLog.open(
                directory,
                settings,
                (append, hold) -> {
                    replayed.add(RandomBatches.numberOf(append.batches().get(0)));
                    hold.release();
                },
                this::publish,
                completions)) {
            assertThat(replayed).isEqualTo(published).hasSize(3_000);
            assertThat(log.recovery().messages()).isEmpty();
        }
        assertThat(sequences).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aCleanStopOfALogWhoseRowsAreInFilesLeavesNoSegments(@TempDir Path directory) throws IOException {
        WriteAheadLog written = WriteAheadLog.open(
                directory,
                WalSettings.defaults().withSegmentSize(DataSize.ofKilobytes(64)),
                (append, hold) -> hold.releaseAll(),
                (append, hold) -> hold.releaseAll(),
                Schedulers.parallel());
        written.append(SteppedLog.append(1)).block(Duration.ofSeconds(10));
        written.close();
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactly("wal.meta");
        }
    }

    @Test
    void releasedSegmentsAreReusedSoTheLogDoesNotGrow() {
        try (WriteAheadLog log = open(SteppedLog.settings(4096))) {
            long most = 0;
            for (int i = 1; i <= 400; i++) {
                log.append(append(i)).block();
                holds.forEach(WalHold::release);
                holds.clear();
                most = Math.max(most, log.bytesOnDisk());
            }
            assertThat(most).isLessThanOrEqualTo(8 * 4096);
        }
    }

    @Test
    void completionsArriveThoughTheirSchedulerIsGone() {
        try (WriteAheadLog log = open()) {
            completions.dispose();
            log.append(append(1)).block(Duration.ofSeconds(20));
            assertThat(published).containsExactly(1L);
        }
    }
}
