package io.weir.ingest.wal;

import static io.weir.ingest.wal.SteppedLog.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.ingest.wal.SteppedLog.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Runs, faults and crashes from a seed against a model that knows what was acknowledged and what was released. */
class WalCrashTest {

    private static final int CYCLES = Integer.getInteger("weir.wal.crashCycles", 300);

    private final Map<Long, Long> numberOfSequence = new HashMap<>();
    private final Set<Long> submitted = new HashSet<>();

    /** Acknowledged or replayed, not released: must come back from a crash of the machine. */
    private final Set<Long> owed = new HashSet<>();

    /** Acknowledged without a sync: must come back from a crash of the process only. */
    private final Set<Long> owedUnsynced = new HashSet<>();

    private final Set<Long> released = new HashSet<>();
    private long nextNumber = 1;
    private long highestSequence;
    private long crashes;

    @Test
    void nothingAcknowledgedIsLostAndNothingComesTwiceOverManyCrashes() throws IOException { // LESSONS 7–11, 14
        long seed = Long.getLong("weir.wal.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        MemoryWalFileSystem files = new MemoryWalFileSystem(seed);
        boolean doubtful = false;
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            files.shortWrite = () -> random.nextInt(10) == 0;
            SyncMode mode = random.nextInt(4) == 0 ? SyncMode.ASYNC : SyncMode.FSYNC;
            SteppedLog log = new SteppedLog(files, settings(4096).withSync(mode));
            check(log, doubtful, "seed " + seed + " cycle " + cycle + ": " + log.report);
            List<Entry> held = new ArrayList<>(log.replayed);
            int faults = mode == SyncMode.FSYNC && random.nextInt(3) == 0 ? 40 : 0;
            files.failWrite = () -> faults > 0 && random.nextInt(faults) == 0;
            files.failSync = () -> faults > 0 && random.nextInt(faults) == 0;
            if (random.nextInt(8) == 0) {
                files.capacityBytes = files.usedBytes() + random.nextInt(8192);
            }
            for (int groups = random.nextInt(25); groups > 0; groups--) {
                commit(log, mode == SyncMode.FSYNC ? owed : owedUnsynced, random);
                held.addAll(log.published);
                log.published.clear();
                release(held, random);
            }
            files.capacityBytes = Long.MAX_VALUE;
            int how = random.nextInt(4);
            doubtful = how == 0 && faults > 0; // what a failed sync left in memory is seen until the machine crashes
            files = end(log, files, how);
        }
        assertThat(submitted).hasSizeGreaterThan(CYCLES);
        assertThat(crashes).isGreaterThan(CYCLES / 4);
    }

    private MemoryWalFileSystem end(SteppedLog log, MemoryWalFileSystem files, int how) {
        files.failWrite = () -> false;
        files.failSync = () -> false;
        if (how > 1) {
            crashes++;
            owedUnsynced.clear();
            return files.crash();
        }
        if (how == 1) {
            log.close();
        }
        owed.addAll(owedUnsynced);
        owedUnsynced.clear();
        return how == 1 ? files.crash() : files.kill();
    }

    private void check(SteppedLog log, boolean doubtful, String context) {
        Set<Long> seen = new HashSet<>();
        long last = 0;
        for (Entry entry : log.replayed) {
            assertThat(entry.sequence()).as(context).isGreaterThan(last);
            last = entry.sequence();
            assertThat(seen.add(entry.number()))
                    .as("%s: %s twice", context, entry)
                    .isTrue();
            assertThat(submitted).as(context).contains(entry.number());
            Long known = numberOfSequence.putIfAbsent(entry.sequence(), entry.number());
            assertThat(known).as("%s: %s", context, entry).isIn(null, entry.number());
        }
        Set<Long> lost = new HashSet<>(owed);
        lost.removeAll(seen);
        assertThat(lost).as(context).isEmpty();
        if (!doubtful) {
            seen.removeAll(released);
            owed.addAll(seen); // what came back once is visible, and stays
        }
        highestSequence = Math.max(highestSequence, last);
        assertThat(log.report.nextSequence()).as(context).isGreaterThan(highestSequence);
    }

    private void commit(SteppedLog log, Set<Long> debts, Random random) {
        WalAppend[] group = new WalAppend[1 + random.nextInt(4)];
        for (int i = 0; i < group.length; i++) {
            long[] numbers = new long[1 + random.nextInt(3)];
            for (int n = 0; n < numbers.length; n++) {
                submitted.add(nextNumber);
                numbers[n] = nextNumber++;
            }
            group[i] = random.nextInt(20) == 0
                    ? SteppedLog.append(RandomBatches.numberedOfSize(numbers[0], random.nextInt(9_000)))
                    : SteppedLog.append(numbers);
        }
        log.commit(group);
        for (Entry entry : log.published) {
            debts.add(entry.number());
            numberOfSequence.put(entry.sequence(), entry.number());
            assertThat(entry.sequence()).isGreaterThan(highestSequence);
            highestSequence = entry.sequence();
        }
    }

    private void release(List<Entry> held, Random random) {
        boolean many = random.nextInt(6) == 0;
        for (int i = held.size() - 1; i >= 0; i--) {
            if (many || random.nextInt(8) == 0) {
                Entry entry = held.remove(i);
                released.add(entry.number());
                owed.remove(entry.number());
                owedUnsynced.remove(entry.number());
                entry.hold().release();
            }
        }
    }
}
