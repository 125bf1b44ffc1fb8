package io.weir.ingest;

import io.weir.common.memory.MemoryBudget;
import io.weir.ingest.admission.Admission;
import io.weir.ingest.buffer.IngestBuffers;
import io.weir.ingest.wal.WriteAheadLog;
import org.jspecify.annotations.Nullable;

/**
 * Decides when parts are sealed before their time because memory or the log runs short. {@link #isHigh} is asked after
 * each append and is cheap; {@link #relieve} does the work, on the clock's thread.
 *
 * <pre>
 *   memory   near a limit or a request refused there, with much of it in open parts and little on its way to files:
 *            the largest open parts, until they make 20 % of the limit. Of three limits each is watched:
 *              all of it               above 70 %, or any request refused
 *              waiting rows            above 7/8 of the bytes at which requests are refused; by default that is the same
 *              an organisation's share above 7/8, or a request of the organisation refused: parts of its own
 *   log      above 75 % of its maximum size: every part with rows older than the newest half of the maximum
 * </pre>
 */
final class FlushPressure {

    private static final double MEMORY_HIGH = 0.7;
    private static final double NARROW_HIGH = 0.875;

    /** With less in open parts than this, the pressure comes from elsewhere, and sealing makes small files only. */
    private static final double WORTH_SEALING = 0.2;

    /** With more on its way to files than this, sealing more helps nobody before that is there. */
    private static final double ENOUGH_SEALED = 0.2;

    private static final double LOG_HIGH = 0.75;
    private static final double LOG_KEPT = 0.5;

    private final Admission admission;
    private final IngestBuffers buffers;
    private final WriteAheadLog log;
    private final long maxLogBytes;
    private volatile long sealedBefore;
    private volatile @Nullable String refused;

    /**
     * What counts at one limit.
     *
     * @param isNear whether there is pressure at it
     * @param limitBytes the limit
     * @param openBytes bytes below the limit that sealing could hand to the flusher
     * @param heldBytes those, and bytes on their way to files
     */
    private record Limit(boolean isNear, long limitBytes, long openBytes, long heldBytes) {

        boolean isRelievable() {
            return isNear
                    && openBytes > limitBytes * WORTH_SEALING
                    && heldBytes - openBytes < limitBytes * ENOUGH_SEALED;
        }

        long bytesToSeal() {
            return (long) (limitBytes * WORTH_SEALING);
        }
    }

    FlushPressure(Admission admission, IngestBuffers buffers, WriteAheadLog log, long maxLogBytes) {
        this.admission = admission;
        this.buffers = buffers;
        this.log = log;
        this.maxLogBytes = maxLogBytes;
    }

    /** Whether {@link #relieve} would do something now that rows of that organisation came, or were refused. */
    boolean isHigh(String organisation) {
        return all().isRelievable()
                || waiting().isRelievable()
                || share(organisation).isRelievable()
                || isLogHigh();
    }

    private Limit all() {
        MemoryBudget process = admission.process();
        boolean near = refused != null || process.usedBytes() > process.limitBytes() * MEMORY_HIGH;
        return new Limit(near, process.limitBytes(), buffers.openBytes(), buffers.heldBytes());
    }

    private Limit waiting() {
        long limit = admission.bufferLimitBytes();
        boolean near = admission.waitingBytes() > limit * NARROW_HIGH;
        return new Limit(near, limit, buffers.openBytes(), buffers.heldBytes());
    }

    private Limit share(String organisation) {
        long limit = admission.organisations().shareBytes();
        boolean near =
                organisation.equals(refused) || admission.organisations().usedBytes(organisation) > limit * NARROW_HIGH;
        return new Limit(near, limit, buffers.openBytes(organisation), buffers.heldBytes(organisation));
    }

    private boolean isLogHigh() {
        return log.liveBytes() > maxLogBytes * LOG_HIGH && oldestKept() > sealedBefore;
    }

    private long oldestKept() {
        return log.sequenceOfNewest((long) (maxLogBytes * LOG_KEPT));
    }

    /** A request of that organisation found no room: there is pressure even if no limit is reached. */
    void refused(String organisation) {
        refused = organisation;
    }

    /** Seals what helps; at one limit after the other, for what is sealed at one helps at the next. */
    void relieve() {
        Limit all = all();
        if (all.isRelievable()) {
            buffers.sealLargest(all.bytesToSeal());
        }
        Limit waiting = waiting();
        if (waiting.isRelievable()) {
            buffers.sealLargest(waiting.bytesToSeal());
        }
        for (String organisation : buffers.organisations()) {
            Limit share = share(organisation);
            if (share.isRelievable()) {
                buffers.sealLargest(organisation, share.bytesToSeal());
            }
        }
        refused = null;
        if (isLogHigh()) {
            long before = oldestKept();
            buffers.sealBefore(before);
            sealedBefore = before;
        }
    }
}
