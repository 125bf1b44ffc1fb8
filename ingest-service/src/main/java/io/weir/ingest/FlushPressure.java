package io.weir.ingest;

import io.weir.common.memory.MemoryBudget;
import io.weir.ingest.buffer.IngestBuffers;
import io.weir.ingest.wal.WriteAheadLog;

/**
 * Decides when parts are sealed before their time because memory or the log runs short. {@link #isHigh} is asked after
 * each append and is cheap; {@link #relieve} does the work, on the clock's thread.
 *
 * <pre>
 *   memory   above 70 % of the budget or a request refused, with much of it in open parts and little on its way to files:
 *            the largest open parts, until they make 20 % of the budget
 *   log      above 75 % of its maximum size: every part with rows older than the newest half of the maximum
 * </pre>
 */
final class FlushPressure {

    private static final double MEMORY_HIGH = 0.7;

    /** With less in open parts than this, the pressure comes from elsewhere, and sealing makes small files only. */
    private static final double WORTH_SEALING = 0.2;

    /** With more on its way to files than this, sealing more helps nobody before that is there. */
    private static final double ENOUGH_SEALED = 0.2;

    private static final double LOG_HIGH = 0.75;
    private static final double LOG_KEPT = 0.5;

    private final MemoryBudget budget;
    private final IngestBuffers buffers;
    private final WriteAheadLog log;
    private final long maxLogBytes;
    private volatile long sealedBefore;
    private volatile boolean refused;

    FlushPressure(MemoryBudget budget, IngestBuffers buffers, WriteAheadLog log, long maxLogBytes) {
        this.budget = budget;
        this.buffers = buffers;
        this.log = log;
        this.maxLogBytes = maxLogBytes;
    }

    /** Whether {@link #relieve} would do something. */
    boolean isHigh() {
        return isMemoryHigh() || isLogHigh();
    }

    private boolean isMemoryHigh() {
        long limit = budget.limitBytes();
        long open = buffers.openBytes();
        return (refused || budget.usedBytes() > limit * MEMORY_HIGH)
                && open > limit * WORTH_SEALING
                && buffers.heldBytes() - open < limit * ENOUGH_SEALED;
    }

    private boolean isLogHigh() {
        return log.liveBytes() > maxLogBytes * LOG_HIGH && oldestKept() > sealedBefore;
    }

    private long oldestKept() {
        return log.sequenceOfNewest((long) (maxLogBytes * LOG_KEPT));
    }

    /** A request found no room: there is pressure even if the process as a whole is not at its limit. */
    void refused() {
        refused = true;
    }

    /** Seals what helps. */
    void relieve() {
        if (isMemoryHigh()) {
            buffers.sealLargest((long) (budget.limitBytes() * WORTH_SEALING));
        }
        refused = false;
        if (isLogHigh()) {
            long before = oldestKept();
            buffers.sealBefore(before);
            sealedBefore = before;
        }
    }
}
