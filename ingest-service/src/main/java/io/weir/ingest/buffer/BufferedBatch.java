package io.weir.ingest.buffer;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.memory.Reservation;
import io.weir.ingest.wal.LoggedKey;
import org.jspecify.annotations.Nullable;

/**
 * One durable batch and what it holds on to.
 *
 * @param batch rows of one measurement
 * @param sequence its sequence in the write-ahead log
 * @param segment the segment of the log that holds it
 * @param key the key of the write it came with, or null
 * @param committed gives up its claim on the log; run exactly once: when the batch is in a file, or earlier when its part
 *     has another claim on the same segment, which keeps the segment as well
 * @param memory what its rows take, owned by the part it goes to; null when nobody counts it
 */
public record BufferedBatch(
        ColumnBatch batch,
        long sequence,
        long segment,
        @Nullable LoggedKey key,
        Runnable committed,
        @Nullable Reservation memory) {

    /** A batch that came without a key, and whose memory nobody counts. */
    public BufferedBatch(ColumnBatch batch, long sequence, long segment, Runnable committed) {
        this(batch, sequence, segment, null, committed, null);
    }
}
