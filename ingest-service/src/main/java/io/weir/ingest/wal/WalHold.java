package io.weir.ingest.wal;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The claim of one append on the segment it is logged in. Whoever was handed it calls {@link #release} once for each
 * batch, when that batch is committed elsewhere, or when another hold of the caller's keeps the segment; the segment is reclaimed when nothing in it is held any more. A hold
 * that is never released costs disk until the next start, never data. Thread-safe.
 */
public final class WalHold {

    private final long baseSequence;
    private final int batches;
    private final long segment;
    private final Runnable onRelease;
    private final AtomicInteger held;

    /**
     * A hold; made by the log, and by tests of what holds it.
     *
     * @param baseSequence sequence number of the first batch
     * @param batches number of batches, which have consecutive sequence numbers
     * @param segment number of the segment
     * @param onRelease run once for each batch, on the thread that releases
     */
    public WalHold(long baseSequence, int batches, long segment, Runnable onRelease) {
        this.baseSequence = baseSequence;
        this.batches = batches;
        this.segment = segment;
        this.onRelease = onRelease;
        this.held = new AtomicInteger(batches);
    }

    /** Sequence number of the first batch, at least 1; batch {@code i} has {@code baseSequence() + i}. */
    public long baseSequence() {
        return baseSequence;
    }

    /** Number of batches. */
    public int batches() {
        return batches;
    }

    /** Number of the segment that holds the append. */
    public long segment() {
        return segment;
    }

    /**
     * Gives up one batch: it will not be needed from the log again. O(1), never blocks.
     *
     * @throws IllegalStateException when called more often than there are batches
     */
    public void release() {
        if (held.getAndUpdate(n -> Math.max(0, n - 1)) == 0) {
            throw new IllegalStateException(
                    "the append with sequence " + baseSequence + " was released more than " + batches + " times");
        }
        onRelease.run();
    }

    /** Gives up all batches not yet released. */
    void releaseAll() {
        for (int left = held.getAndSet(0); left > 0; left--) {
            onRelease.run();
        }
    }
}
