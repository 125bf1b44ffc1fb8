package io.weir.ingest.wal;

import static io.weir.ingest.wal.SteppedLog.append;
import static io.weir.ingest.wal.SteppedLog.numbers;
import static io.weir.ingest.wal.SteppedLog.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.ingest.wal.SteppedLog.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class WalRecoveryTest {

    private static final WalSettings SETTINGS = settings(4096);
    private static final String FIRST = "00000000000000000001.wal";

    private final MemoryWalFileSystem files = new MemoryWalFileSystem(1);

    /** Three appends of four batches in one segment, whose process was killed. */
    private static MemoryWalFileSystem killed() throws IOException {
        MemoryWalFileSystem files = new MemoryWalFileSystem(1);
        SteppedLog log = new SteppedLog(files, SETTINGS);
        assertThat(log.commit(append(1, 2))).isEqualTo(1);
        assertThat(log.commit(append(3), append(4))).isEqualTo(2);
        return files.kill();
    }

    @Test
    void appendsComeBackWholeAndInOrder() throws IOException {
        SteppedLog log = new SteppedLog(killed(), SETTINGS);
        assertThat(log.replayed).extracting(Entry::sequence).containsExactly(1L, 2L, 3L, 4L);
        assertThat(numbers(log.replayed)).containsExactly(1L, 2L, 3L, 4L);
        assertThat(log.report.walId()).isEqualTo(SteppedLog.WAL_ID);
        assertThat(log.report.appends()).isEqualTo(3);
        assertThat(log.report.batches()).isEqualTo(4);
        assertThat(log.report.messages()).isEmpty();
    }

    @Test
    void sequencesGoOnWithoutAGapAfterACleanStop() throws IOException {
        try (SteppedLog log = new SteppedLog(files, SETTINGS)) {
            log.commit(append(1, 2));
        }
        SteppedLog log = new SteppedLog(files, SETTINGS);
        assertThat(log.report.nextSequence()).isEqualTo(3);
        log.commit(append(3));
        assertThat(log.published).extracting(Entry::sequence).containsExactly(3L);
    }

    @Test
    void sequencesAreNeverReusedThoughEverySegmentIsGone() throws IOException {
        MemoryWalFileSystem left = killed();
        for (String name : left.names()) {
            if (!name.equals(WalMeta.FILE)) {
                left.delete(name);
            }
        }
        SteppedLog log = new SteppedLog(left, SETTINGS);
        assertThat(log.report.walId()).isEqualTo(SteppedLog.WAL_ID);
        assertThat(log.report.nextSequence()).isGreaterThan(4);
    }

    @Test
    void sequencesAreNeverReusedThoughTheMetaFileIsGone() throws IOException {
        MemoryWalFileSystem left = killed();
        left.delete(WalMeta.FILE);
        SteppedLog log = new SteppedLog(left, SETTINGS);
        assertThat(log.report.walId()).isEqualTo(SteppedLog.WAL_ID);
        assertThat(log.report.nextSequence()).isGreaterThan(1L << 32);
        assertThat(numbers(log.replayed)).containsExactly(1L, 2L, 3L, 4L);
        assertThat(log.report.messages()).singleElement().asString().contains("meta file is missing");
    }

    @Test
    void recoveredSegmentsAreNotWrittenAgainAndGoWhenReleased() throws IOException { // LESSONS 7
        MemoryWalFileSystem left = killed();
        byte[] before = left.get(FIRST);
        SteppedLog log = new SteppedLog(left, SETTINGS);
        log.commit(append(5));
        assertThat(left.get(FIRST)).isEqualTo(before);
        assertThat(log.pool.segments()).isEqualTo(2);
        assertThat(log.pool.oldestSequence(99)).isEqualTo(1);
        log.replayed.forEach(entry -> entry.hold().release());
        assertThat(left.exists(FIRST)).isFalse();
        assertThat(log.pool.oldestSequence(Long.MAX_VALUE))
                .isEqualTo(log.published.get(0).sequence());
        assertThat(log.pool.segments()).isEqualTo(1);
        SteppedLog again = new SteppedLog(left.kill(), SETTINGS);
        assertThat(numbers(again.replayed)).containsExactly(5L);
    }

    @Test
    void aCrashRightAfterARestartLosesNothing() throws IOException { // LESSONS 7, 8
        MemoryWalFileSystem left = killed();
        for (int i = 0; i < 5; i++) {
            SteppedLog log = new SteppedLog(left, SETTINGS);
            assertThat(numbers(log.replayed)).startsWith(1L, 2L, 3L, 4L).hasSize(4 + i);
            log.commit(append(5 + i));
            left = left.crash();
        }
    }

    @Test
    void aSegmentCutAtAnyByteStartsAndSaysWhatItSkipped() throws IOException { // LESSONS 11
        byte[] whole = killed().get(FIRST);
        int content = contentEnd(whole);
        List<Long> before = List.of();
        for (int length = 0; length <= whole.length; length++) {
            MemoryWalFileSystem cut = killed();
            cut.put(FIRST, Arrays.copyOf(whole, length));
            SteppedLog log = new SteppedLog(cut, SETTINGS);
            List<Long> replayed = numbers(log.replayed);
            assertThat(replayed).isEqualTo(List.of(1L, 2L, 3L, 4L).subList(0, replayed.size()));
            assertThat(replayed.size()).isNotEqualTo(1).isGreaterThanOrEqualTo(before.size());
            before = replayed;
            if (length < whole.length) {
                assertThat(log.report.messages()).as("cut at %d", length).isNotEmpty();
            }
            if (length >= content) {
                assertThat(replayed).hasSize(4);
            }
            assertThat(log.commit(append(9))).isEqualTo(1);
            assertThat(log.published.get(0).sequence()).isGreaterThan(4);
        }
    }

    @Test
    void anyByteMayFlipAndEverythingElseIsReplayed() throws IOException { // LESSONS 10
        byte[] whole = killed().get(FIRST);
        int content = contentEnd(whole);
        for (int at = 0; at < content + 64; at++) {
            MemoryWalFileSystem damaged = killed();
            byte[] bytes = whole.clone();
            bytes[at] ^= (byte) (1 << at % 8);
            damaged.put(FIRST, bytes);
            SteppedLog log = new SteppedLog(damaged, SETTINGS);
            List<Long> lost = new ArrayList<>(List.of(1L, 2L, 3L, 4L));
            lost.removeAll(numbers(log.replayed));
            assertThat(lost).as("byte %d", at).isIn(List.of(), List.of(1L, 2L), List.of(3L), List.of(4L));
            if (!lost.isEmpty()) {
                assertThat(log.report.messages()).as("byte %d", at).isNotEmpty();
            }
            if (lost.contains(1L) || lost.contains(3L)) {
                RecoveryReport.QuarantinedRange range = log.report.quarantined().get(0);
                assertThat(range.fromByte()).isLessThanOrEqualTo(at);
                assertThat(range.toByte()).isGreaterThan(at);
                assertThat(damaged.get(range.file()))
                        .isEqualTo(Arrays.copyOfRange(bytes, (int) range.fromByte(), (int) range.toByte()));
            }
            assertThat(log.replayed).extracting(Entry::sequence).isEqualTo(numbers(log.replayed));
        }
    }

    @Test
    void anyByteOfTheMetaFileMayFlip() throws IOException {
        byte[] whole = killed().get(WalMeta.FILE);
        for (int at = 0; at < whole.length; at++) {
            MemoryWalFileSystem damaged = killed();
            byte[] bytes = whole.clone();
            bytes[at] ^= 4;
            damaged.put(WalMeta.FILE, bytes);
            SteppedLog log = new SteppedLog(damaged, SETTINGS);
            assertThat(log.replayed).hasSize(4);
            assertThat(log.report.walId()).isEqualTo(SteppedLog.WAL_ID);
            assertThat(log.report.nextSequence()).isGreaterThan(4);
        }
    }

    @Test
    void aTornTailIsCutOnce() throws IOException {
        MemoryWalFileSystem torn = killed();
        byte[] bytes = torn.get(FIRST);
        bytes[contentEnd(bytes) - 1] ^= 1;
        torn.put(FIRST, bytes);
        SteppedLog log = new SteppedLog(torn, SETTINGS);
        assertThat(log.report.bytesCut()).isPositive();
        assertThat(log.report.messages()).singleElement().asString().contains("a torn tail of");
        SteppedLog again = new SteppedLog(torn.kill(), SETTINGS);
        assertThat(again.report.messages()).isEmpty();
        assertThat(numbers(again.replayed)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void framesOfARecycledSegmentAreNeverReplayed() throws IOException {
        SteppedLog log = new SteppedLog(files, SETTINGS);
        long number = 1;
        while (log.pool.segments() < 3) {
            log.commit(append(number++));
        }
        log.published.forEach(entry -> entry.hold().release());
        int before = log.published.size();
        while (log.pool.segments() < 3) {
            log.commit(append(number++));
            SteppedLog after = new SteppedLog(files.kill(), SETTINGS);
            List<Long> held = numbers(log.published.subList(before, log.published.size()));
            assertThat(numbers(after.replayed))
                    .endsWith(held.toArray(new Long[0]))
                    .doesNotContain(1L, 2L, 3L);
            assertThat(after.report.messages()).isEmpty();
        }
    }

    @Test
    void aNewestSegmentOfNoBytesDoesNotStopTheStart() throws IOException { // LESSONS 11
        MemoryWalFileSystem left = killed();
        left.put("00000000000000000002.wal", new byte[0]);
        SteppedLog log = new SteppedLog(left, SETTINGS);
        assertThat(log.replayed).hasSize(4);
        assertThat(log.report.messages()).containsExactly("segment 2: the file has only 0 bytes, nothing to replay");
        log.commit(append(5));
        assertThat(left.names()).contains("00000000000000000003.wal").doesNotContain("00000000000000000002.wal");
    }

    @Test
    void aSegmentOfAnotherLogIsMovedAside() throws IOException {
        byte[] foreign = killed().get(FIRST);
        MemoryWalFileSystem mine = new MemoryWalFileSystem(2);
        WalMeta.missing(mine, new UUID(7, 7)).reserve(1);
        mine.put(FIRST, foreign);
        SteppedLog log = new SteppedLog(mine, SETTINGS);
        assertThat(log.replayed).isEmpty();
        assertThat(mine.get(RecoveryLog.FOLDER + FIRST)).isEqualTo(foreign);
        assertThat(log.report.messages()).singleElement().asString().contains("belongs to another log");
    }

    @Test
    void anAppendTheHandlerCanNeverTakeIsQuarantinedAndTheRestReplayed() throws IOException { // LESSONS 10, 59
        List<Long> taken = new ArrayList<>();
        MemoryWalFileSystem left = killed();
        SteppedLog log = new SteppedLog(left, SETTINGS, (append, hold) -> {
            long number = RandomBatches.numberOf(append.batches().get(0));
            if (number == 3) {
                throw new WeirException(CommonError.INVALID_NAME, "no such name");
            }
            taken.add(number);
        });
        assertThat(taken).containsExactly(1L, 4L);
        assertThat(log.report.quarantined())
                .singleElement()
                .satisfies(range -> assertThat(range.reason()).isEqualTo("no such name"));
    }

    @Test
    void aHandlerThatFailsForAnotherReasonEndsTheStartAndLosesNothing() throws IOException {
        MemoryWalFileSystem left = killed();
        assertThatThrownBy(() -> new SteppedLog(left, SETTINGS, (append, hold) -> {
                    throw new WeirException(CommonError.STORAGE_UNAVAILABLE, "the catalog is down");
                }))
                .hasMessage("the catalog is down");
        assertThat(new SteppedLog(left, SETTINGS).replayed).hasSize(4);
        assertThat(left.openFiles()).isZero();
    }

    @Test
    void theStartNeedsNoFreeSpace() throws IOException { // LESSONS 14
        MemoryWalFileSystem full = killed();
        byte[] bytes = full.get(FIRST);
        bytes[100] ^= 1; // even a damaged range, whose copy finds no room
        full.put(FIRST, bytes);
        full.names().stream()
                .filter(name -> name.endsWith(SegmentPool.SPARE_SUFFIX))
                .forEach(full::delete);
        full.capacityBytes = full.usedBytes();
        SteppedLog log = new SteppedLog(full, SETTINGS);
        assertThat(numbers(log.replayed)).containsExactly(3L, 4L);
        assertThat(log.commit(append(5))).isZero();
        assertThat(log.failures)
                .singleElement()
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(CommonError.STORAGE_UNAVAILABLE));
        log.replayed.forEach(entry -> entry.hold().release());
        assertThat(full.exists(FIRST))
                .as("a segment whose damage has no copy is kept")
                .isTrue();
        full.capacityBytes = Long.MAX_VALUE;
        assertThat(log.commit(append(6))).isEqualTo(1);
    }

    @Test
    void releasingMakesRoomOnAFullDisk() throws IOException { // LESSONS 14
        MemoryWalFileSystem full = killed();
        full.names().stream()
                .filter(name -> name.endsWith(SegmentPool.SPARE_SUFFIX))
                .forEach(full::delete);
        full.capacityBytes = full.usedBytes();
        SteppedLog log = new SteppedLog(full, SETTINGS);
        assertThat(log.commit(append(5))).isZero();
        log.replayed.forEach(entry -> entry.hold().release());
        assertThat(log.commit(append(6))).isEqualTo(1);
        assertThat(numbers(new SteppedLog(full.kill(), SETTINGS).replayed)).containsExactly(6L);
    }

    @Test
    void anAppendLargerThanASegmentIsLoggedAndReplayed() throws IOException { // LESSONS 6
        SteppedLog log = new SteppedLog(files, SETTINGS);
        log.commit(append(1), append(RandomBatches.numberedOfSize(2, 3_000_000)), append(3));
        SteppedLog after = new SteppedLog(files.crash(), SETTINGS);
        assertThat(numbers(after.replayed)).containsExactly(1L, 2L, 3L);
        after.replayed.forEach(entry -> entry.hold().release());
        assertThat(after.pool.bytesOnDisk()).isLessThanOrEqualTo(4 * 4096);
    }

    @Test
    void unknownFilesAreLeftAloneAndUnfinishedOnesRemoved() throws IOException {
        MemoryWalFileSystem left = killed();
        left.put("notes.txt", new byte[1]);
        left.put("00000000000000000009.tmp", new byte[100]);
        left.put("00000000000000000008.spare", new byte[100]);
        new SteppedLog(left, SETTINGS);
        assertThat(left.names())
                .contains("notes.txt")
                .doesNotContain("00000000000000000009.tmp", "00000000000000000008.spare");
    }

    private static int contentEnd(byte[] segment) {
        int end = segment.length;
        while (segment[end - 1] == 0) {
            end--;
        }
        return end;
    }

    /** A log in which one append was damaged. @return what its next start finds */
    private static SteppedLog restartDamaged(MemoryWalFileSystem disk, WalSettings settings) throws IOException {
        SteppedLog log = new SteppedLog(disk, settings);
        log.commit(append(1));
        log.commit(append(2));
        String segment = disk.names().stream()
                .filter(name -> name.endsWith(SegmentPool.SEGMENT_SUFFIX))
                .reduce((first, last) -> last)
                .orElseThrow();
        byte[] bytes = disk.get(segment);
        bytes[FrameFormat.SEGMENT_HEADER_BYTES + FrameFormat.FRAME_HEADER_BYTES + 3] ^= 1;
        disk.put(segment, bytes);
        SteppedLog next = new SteppedLog(disk, settings);
        next.replayed.forEach(entry -> entry.hold().release());
        return next;
    }

    private static List<String> setAside(MemoryWalFileSystem disk) {
        return disk.list(RecoveryLog.FOLDER).stream()
                .map(WalFileSystem.StoredFile::name)
                .sorted()
                .toList();
    }

    @Test
    void whatWasSetAsideLongestAgoGoesWhenItIsTooMuch() throws IOException {
        restartDamaged(files, SETTINGS);
        List<String> first = setAside(files);
        long bytes = files.get(first.get(0)).length;
        WalSettings two = SETTINGS.withQuarantineSize(DataSize.ofBytes(2 * bytes));
        assertThat(restartDamaged(files, two).report.messages()).noneMatch(said -> said.contains("removed"));
        List<String> second = setAside(files);
        assertThat(second).hasSize(2).containsAll(first);
        SteppedLog third = restartDamaged(files, two);
        assertThat(setAside(files))
                .hasSize(2)
                .doesNotContainAnyElementsOf(first)
                .containsAnyElementsOf(second);
        assertThat(third.report.messages())
                .filteredOn(said -> said.contains("removed"))
                .containsExactly(first.get(0) + " was removed, " + bytes + " bytes set aside earlier, to keep at most "
                        + 2 * bytes + " bytes of such files (weir.wal.quarantine-size)");
        SteppedLog fourth = restartDamaged(files, SETTINGS.withQuarantineSize(DataSize.ofBytes(0)));
        assertThat(setAside(files))
                .as("the newest stays")
                .containsExactly(fourth.report.quarantined().get(0).file());
    }

    @Test
    void filesSetAsideAreFoundOnARealDisk(@TempDir Path directory) throws IOException {
        Path folder = Files.createDirectories(directory.resolve("quarantine"));
        for (int i = 1; i <= 3; i++) {
            Path file = Files.write(folder.resolve(i + "-64-128.bin"), new byte[64]);
            Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000L - i)); // the last is the oldest
        }
        new SteppedLog(new LocalWalFileSystem(directory), SETTINGS.withQuarantineSize(DataSize.ofBytes(130)));
        assertThat(folder.resolve("3-64-128.bin")).doesNotExist();
        assertThat(folder.resolve("1-64-128.bin")).exists();
        assertThat(folder.resolve("2-64-128.bin")).exists();
    }
}
