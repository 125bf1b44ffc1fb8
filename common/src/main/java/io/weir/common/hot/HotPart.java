package io.weir.common.hot;

import io.weir.common.batch.ColumnBatch;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The batches of one measurement that will be committed together by one flush, as one reader sees them. Its memory is
 * held until it is closed; closing again does nothing. Thread-safe.
 */
public final class HotPart implements AutoCloseable {

    private final String flushId;
    private final List<ColumnBatch> batches;
    private final Runnable release;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * A part.
     *
     * @param flushId the flush that commits, or already has committed, exactly these batches (and perhaps later ones)
     * @param batches batches in the order they were written; never modified
     * @param release run once, when the part is closed
     */
    public HotPart(String flushId, List<ColumnBatch> batches, Runnable release) {
        this.flushId = flushId;
        this.batches = List.copyOf(batches);
        this.release = release;
    }

    /** A part that holds nothing. */
    public HotPart(String flushId, List<ColumnBatch> batches) {
        this(flushId, batches, () -> {});
    }

    /** The flush that commits, or has committed, these batches. */
    public String flushId() {
        return flushId;
    }

    /** The batches, in the order they were written; to be read until the part is closed. */
    public List<ColumnBatch> batches() {
        return batches;
    }

    /** Rows in all batches. */
    public long rows() {
        long rows = 0;
        for (ColumnBatch batch : batches) {
            rows += batch.rows();
        }
        return rows;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release.run();
        }
    }
}
