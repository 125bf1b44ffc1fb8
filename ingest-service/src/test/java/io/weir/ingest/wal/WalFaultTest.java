package io.weir.ingest.wal;

import static io.weir.ingest.wal.SteppedLog.append;
import static io.weir.ingest.wal.SteppedLog.numbers;
import static io.weir.ingest.wal.SteppedLog.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.CommonError;
import io.weir.ingest.wal.SteppedLog.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WalFaultTest {

    private static final WalSettings SETTINGS = settings(4096);

    private final MemoryWalFileSystem files = new MemoryWalFileSystem(3);

    @Test
    void whicheverWriteFailsOnlyItsGroupFailsAndTheLogGoesOn() throws IOException {
        for (int nth = 1; nth < 60; nth++) {
            assertOneFault(nth, true);
        }
    }

    @Test
    void whicheverSyncFailsOnlyItsGroupFailsAndTheLogGoesOn() throws IOException {
        for (int nth = 1; nth < 60; nth++) {
            assertOneFault(nth, false);
        }
    }

    private static void assertOneFault(int nth, boolean write) throws IOException {
        MemoryWalFileSystem files = new MemoryWalFileSystem(nth);
        AtomicInteger count = new AtomicInteger();
        SteppedLog log = new SteppedLog(files, SETTINGS);
        if (write) {
            files.failWrite = () -> count.incrementAndGet() == nth;
        } else {
            files.failSync = () -> count.incrementAndGet() == nth;
        }
        int acknowledged = 0;
        int failedGroups = 0;
        for (long number = 1; number <= 90; number += 3) {
            int succeeded = log.commit(append(number), append(number + 1, number + 2));
            acknowledged += succeeded;
            failedGroups += succeeded < 2 ? 1 : 0;
        }
        assertThat(failedGroups).as("fault %d", nth).isLessThanOrEqualTo(1);
        assertThat(log.failures)
                .hasSize(60 - acknowledged)
                .allSatisfy(failure -> assertThat(failure.code()).isEqualTo(CommonError.STORAGE_UNAVAILABLE));
        assertThat(log.counters.appends()).isEqualTo(acknowledged);
        assertThat(log.published).extracting(Entry::sequence).isSorted().doesNotHaveDuplicates();
        SteppedLog after = new SteppedLog(files.kill(), SETTINGS);
        assertThat(numbers(after.replayed)).as("fault %d", nth).isEqualTo(numbers(log.published));
    }

    @Test
    void shortWritesAreFinished() throws IOException {
        AtomicInteger count = new AtomicInteger();
        files.shortWrite = () -> count.incrementAndGet() % 3 != 0;
        SteppedLog log = new SteppedLog(files, SETTINGS);
        for (long number = 1; number <= 50; number++) {
            assertThat(log.commit(append(number))).isEqualTo(1);
        }
        assertThat(new SteppedLog(files.crash(), SETTINGS).replayed).hasSize(50);
    }

    @Test
    void aFullDiskFailsAppendsAndTheLogRecoversWithoutARestart() throws IOException { // LESSONS 14
        SteppedLog log = new SteppedLog(files, SETTINGS);
        log.commit(append(1));
        files.capacityBytes = files.usedBytes();
        List<Long> acknowledged = new ArrayList<>(List.of(1L));
        long number = 2;
        while (log.failures.isEmpty()) { // what was prepared ahead can still be used
            if (log.commit(append(number)) == 1) {
                acknowledged.add(number);
            }
            number++;
        }
        assertThat(log.failures.get(0)).hasMessageContaining("the write-ahead log cannot write to its disk");
        assertThat(log.commit(append(number++))).isZero();
        files.capacityBytes = Long.MAX_VALUE;
        assertThat(log.commit(append(number))).isEqualTo(1);
        acknowledged.add(number);
        assertThat(numbers(new SteppedLog(files.crash(), SETTINGS).replayed)).isEqualTo(acknowledged);
    }

    @Test
    void anOversizedAppendThatFindsNoRoomLeavesTheOthersAlone() throws IOException { // LESSONS 6, 14
        SteppedLog log = new SteppedLog(files, SETTINGS);
        log.commit(append(1));
        files.capacityBytes = files.usedBytes() + 100_000;
        assertThat(log.commit(append(RandomBatches.numberedOfSize(2, 2_000_000))))
                .isZero();
        assertThat(log.commit(append(3))).isEqualTo(1);
        assertThat(numbers(new SteppedLog(files.crash(), SETTINGS).replayed)).containsExactly(1L, 3L);
    }

    @Test
    void anIdleLogKeepsNoSpareAndPreparesOneWhenItIsNeededAgain() throws IOException {
        SteppedLog log = new SteppedLog(files, SETTINGS);
        log.commit(append(1));
        log.pool.prepareAhead();
        assertThat(files.names()).anyMatch(name -> name.endsWith(".spare"));
        log.pool.trimLater();
        assertThat(files.names()).noneMatch(name -> name.endsWith(".spare"));
        assertThat(log.pool.bytesOnDisk()).isEqualTo(log.pool.liveBytes());
        log.pool.untrim();
        assertThat(files.names()).anyMatch(name -> name.endsWith(".spare"));
    }

    @Test
    void aCleanStopLeavesNothingWhenNothingIsNeeded() throws IOException {
        SteppedLog log = new SteppedLog(files, SETTINGS);
        log.commit(append(1), append(2));
        log.published.forEach(entry -> entry.hold().release());
        log.close();
        assertThat(files.names()).containsExactly("wal.meta");
        SteppedLog next = new SteppedLog(files.crash(), SETTINGS);
        assertThat(next.replayed).isEmpty();
        assertThat(next.report.nextSequence()).isEqualTo(3);
        assertThat(next.commit(append(3))).isEqualTo(1);
    }

    @Test
    void aCleanStopKeepsTheSegmentOfWhatIsNotReleased() throws IOException { // LESSONS 3
        SteppedLog log = new SteppedLog(files, SETTINGS);
        log.commit(append(1), append(2));
        log.published.get(0).hold().release();
        log.close();
        assertThat(numbers(new SteppedLog(files.crash(), SETTINGS).replayed)).contains(2L);
    }

    @Test
    void theNewestSegmentsAreToldFromTheOld() throws IOException {
        SteppedLog log = new SteppedLog(files, SETTINGS);
        long segment = SETTINGS.segmentSize().toBytes();
        long number = 1;
        while (log.pool.segments() < 4) {
            log.commit(append(number++));
        }
        assertThat(log.pool.liveBytes()).isEqualTo(4 * segment);
        long newest = log.pool.sequenceOfNewest(0);
        long newestTwo = log.pool.sequenceOfNewest(2 * segment);
        assertThat(newestTwo).isBetween(2L, newest - 1);
        assertThat(log.pool.sequenceOfNewest(Long.MAX_VALUE)).isEqualTo(1);
        log.published.stream()
                .filter(entry -> entry.sequence() < newestTwo)
                .forEach(entry -> entry.hold().release());
        assertThat(log.pool.liveBytes()).isEqualTo(2 * segment);
    }

    @Test
    void aSegmentThatFailedIsRemovedNotRecycled() throws IOException {
        WalSettings hoarding = new WalSettings(
                SyncMode.FSYNC,
                SETTINGS.syncInterval(),
                SETTINGS.segmentSize(),
                9,
                SETTINGS.maxQueue(),
                SETTINGS.retryInterval(),
                SETTINGS.maxSize(),
                SETTINGS.trimAfter(),
                SETTINGS.quarantineSize());
        SteppedLog log = new SteppedLog(files, hoarding);
        log.commit(append(1));
        files.failSync = () -> true;
        log.commit(append(2));
        files.failSync = () -> false;
        log.commit(append(3));
        assertThat(log.pool.segments()).isEqualTo(2);
        long bytesBefore = log.pool.bytesOnDisk();
        log.published.get(0).hold().release();
        assertThat(log.pool.segments()).isEqualTo(1);
        assertThat(files.names()).doesNotContain("00000000000000000001.wal");
        assertThat(log.pool.bytesOnDisk())
                .isEqualTo(bytesBefore - SETTINGS.segmentSize().toBytes());
    }

    @Test
    void aSegmentThatCannotBeNamedIsTriedAgain() throws IOException {
        SteppedLog log = new SteppedLog(files, SETTINGS);
        log.commit(append(1));
        files.failRename = () -> true;
        assertThat(log.commit(
                        append(RandomBatches.numberedOfSize(2, 3_000)), append(RandomBatches.numberedOfSize(3, 3_000))))
                .isEqualTo(1);
        files.failRename = () -> false;
        assertThat(log.commit(append(4))).isEqualTo(1);
        assertThat(numbers(new SteppedLog(files.crash(), SETTINGS).replayed)).containsExactly(1L, 2L, 4L);
    }

    @Test
    void appendsThatWaitForNoSyncAreSyncedWhenTheIntervalIsOver() throws IOException {
        WalSettings settings = SETTINGS.withSync(SyncMode.ASYNC);
        SteppedLog log = new SteppedLog(files, settings);
        log.commit(append(1));
        assertThat(numbers(log.published)).containsExactly(1L);
        assertThat(log.counters.syncs()).isZero();
        log.syncNow(); // the clock of a stepped log stands still: not due
        assertThat(log.counters.syncs()).isZero();
        log.close();
        assertThat(log.counters.syncs()).isEqualTo(1);
        assertThat(numbers(new SteppedLog(files.crash(), settings).replayed)).containsExactly(1L);
    }

    @Test
    void aWrittenAppendWaitsForTheSyncOfThoseBeforeItOnly() throws IOException {
        SteppedLog log = new SteppedLog(files, SETTINGS);
        log.commit(append(1));
        files.failSync = () -> true;
        WalAppend unsynced = new WalAppend(SteppedLog.DATABASE, append(2).batches(), WalAck.WRITTEN);
        assertThat(log.commit(unsynced, append(3), unsynced)).isEqualTo(1);
        assertThat(numbers(log.published)).containsExactly(1L, 2L);
        assertThat(numbers(new SteppedLog(files.kill(), SETTINGS).replayed)).containsExactly(1L, 2L);
    }
}
