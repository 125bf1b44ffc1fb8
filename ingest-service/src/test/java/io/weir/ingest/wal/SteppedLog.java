package io.weir.ingest.wal;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.springframework.util.unit.DataSize;

/** The log without its threads: everything happens when the test says so, and the same seed gives the same bytes. */
final class SteppedLog implements AutoCloseable {

    static final DatabaseId DATABASE = new DatabaseId("acme", "metrics");
    static final UUID WAL_ID = new UUID(0x1234_5678_9ABC_DEF0L, 0x0FED_CBA9_8765_4321L);

    /** One batch that was replayed or published. */
    record Entry(long sequence, long number, WalHold hold) {
        @Override
        public String toString() {
            return sequence + ":" + number;
        }
    }

    final List<Entry> replayed = new ArrayList<>();
    final List<Entry> published = new ArrayList<>();
    final List<WeirException> failures = new ArrayList<>();
    final RecoveryReport report;
    final WalCounters counters = new WalCounters();
    final SegmentPool pool;
    private final WalWriter writer;

    SteppedLog(WalFileSystem files, WalSettings settings) throws IOException {
        this(files, settings, null);
    }

    /** @param handler in place of the one that records, or null */
    SteppedLog(WalFileSystem files, WalSettings settings, WalReplayHandler handler) throws IOException {
        pool = new SegmentPool(files, settings, Runnable::run, () -> 0);
        WalReplayHandler recording = (append, hold) -> record(append, hold, replayed);
        WalRecovery.Outcome outcome = new WalRecovery(
                        files,
                        pool,
                        handler == null ? recording : handler,
                        settings.quarantineSize().toBytes())
                .run(() -> WAL_ID);
        report = outcome.report();
        writer = new WalWriter(
                settings,
                new SegmentOpener(files, settings, pool, outcome.meta(), outcome.nextSegment()),
                outcome.meta(),
                report.nextSequence(),
                (append, hold) -> record(append, hold, published),
                () -> 0,
                counters);
    }

    static WalSettings settings(long segmentBytes) {
        return new WalSettings(
                SyncMode.FSYNC,
                Duration.ofMillis(100),
                DataSize.ofBytes(segmentBytes),
                1,
                DataSize.ofMegabytes(64),
                Duration.ZERO,
                DataSize.ofGigabytes(4),
                Duration.ofMinutes(1),
                DataSize.ofGigabytes(1));
    }

    static WalAppend append(long... numbers) {
        return new WalAppend(
                DATABASE,
                Arrays.stream(numbers).mapToObj(RandomBatches::numbered).toList());
    }

    static WalAppend append(ColumnBatch... batches) {
        return new WalAppend(DATABASE, List.of(batches));
    }

    private static void record(WalAppend append, WalHold hold, List<Entry> entries) {
        for (int i = 0; i < append.batches().size(); i++) {
            long number = RandomBatches.numberOf(append.batches().get(i));
            entries.add(new Entry(hold.baseSequence() + i, number, hold));
        }
    }

    /** Commits the appends as one group. @return how many succeeded */
    int commit(WalAppend... appends) {
        int[] succeeded = new int[1];
        List<PendingAppend> group = new ArrayList<>();
        for (WalAppend append : appends) {
            group.add(new PendingAppend(append, append.sizeBytes(), failure -> {
                if (failure == null) {
                    succeeded[0]++;
                } else {
                    failures.add(failure);
                }
            }));
        }
        writer.commit(group);
        return succeeded[0];
    }

    void syncNow() {
        writer.syncIfDue();
    }

    static List<Long> numbers(List<Entry> entries) {
        return entries.stream().map(Entry::number).toList();
    }

    @Override
    public void close() {
        pool.closeLater(writer.close());
    }
}
