package io.weir.ingest.wal;

import io.weir.common.observe.StageTimer;

/** What the thread of the log counts and anyone reads. Written by that thread only. */
final class WalCounters {

    private volatile long appends;
    private volatile long batches;
    private volatile long syncs;
    private volatile long failures;
    private volatile long lastSyncNanos;
    private volatile boolean failing;
    private final StageTimer syncTimes = new StageTimer("weir.wal.sync", "how long a sync of the log takes");
    private final StageTimer appendTimes =
            new StageTimer("weir.wal.append", "how long a write waits until its rows are logged and visible");

    // One writer: reading and writing in two steps loses nothing.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void appended(int appendedBatches, long nanos) {
        failing = false;
        appendTimes.record(nanos);
        appends += 1;
        batches += appendedBatches;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    void synced(long nanos) {
        lastSyncNanos = nanos;
        syncTimes.record(nanos);
        syncs += 1;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    void failed() {
        failures += 1;
        failing = true;
    }

    long appends() {
        return appends;
    }

    long batches() {
        return batches;
    }

    long syncs() {
        return syncs;
    }

    long failures() {
        return failures;
    }

    /** Whether the disk has failed and nothing was appended since. */
    boolean isFailing() {
        return failing;
    }

    StageTimer syncTimes() {
        return syncTimes;
    }

    StageTimer appendTimes() {
        return appendTimes;
    }

    long lastSyncNanos() {
        return lastSyncNanos;
    }
}
