package io.weir.ingest.wal;

/** What the thread of the log counts and anyone reads. Written by that thread only. */
final class WalCounters {

    private volatile long appends;
    private volatile long batches;
    private volatile long syncs;
    private volatile long failures;
    private volatile long lastSyncNanos;

    // One writer: reading and writing in two steps loses nothing.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void appended(int appendedBatches) {
        appends += 1;
        batches += appendedBatches;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    void synced(long nanos) {
        lastSyncNanos = nanos;
        syncs += 1;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    void failed() {
        failures += 1;
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

    long lastSyncNanos() {
        return lastSyncNanos;
    }
}
