package io.weir.ingest.wal;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Counts who still needs a segment: one claim of the log itself while it writes or recovers the segment, and one for
 * each published batch. With the last claim the segment is free. Thread-safe, O(1).
 */
final class SegmentLease {

    private final long number;
    private final String name;
    private final long bytes;
    private final long firstSequence;
    private final Consumer<SegmentLease> onFree;
    private final AtomicLong claims = new AtomicLong(1);
    private volatile boolean reusable = true;
    private volatile long endSequence = Long.MAX_VALUE;

    SegmentLease(long number, String name, long bytes, long firstSequence, Consumer<SegmentLease> onFree) {
        this.number = number;
        this.name = name;
        this.bytes = bytes;
        this.firstSequence = firstSequence;
        this.onFree = onFree;
    }

    long number() {
        return number;
    }

    String name() {
        return name;
    }

    /** Length of the file. */
    long bytes() {
        return bytes;
    }

    /** No sequence number in the segment is below this. */
    long firstSequence() {
        return firstSequence;
    }

    /** Whether nothing more is written to the segment. */
    boolean isEnded() {
        return endSequence != Long.MAX_VALUE;
    }

    /** Every sequence number in the segment is below this, once it is ended. */
    long endSequence() {
        return endSequence;
    }

    /** Nothing more is written to the segment: its sequence numbers are below this. */
    void ended(long nextSequence) {
        endSequence = nextSequence;
    }

    /** Whether the file may be written again once it is free. */
    boolean reusable() {
        return reusable;
    }

    /** The device failed on this file: it is removed, not written again, once it is free. */
    void condemn() {
        reusable = false;
    }

    /** A hold for an append of {@code batches} batches in this segment; only while there is a claim already. */
    WalHold hold(long baseSequence, int batches) {
        claims.addAndGet(batches);
        return new WalHold(baseSequence, batches, number, this::release);
    }

    /** Gives up one claim. */
    void release() {
        if (claims.decrementAndGet() == 0) {
            onFree.accept(this);
        }
    }
}
