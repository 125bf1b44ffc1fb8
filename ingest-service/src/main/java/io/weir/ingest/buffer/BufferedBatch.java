package io.weir.ingest.buffer;

import io.weir.common.batch.ColumnBatch;
import io.weir.ingest.wal.LoggedKey;
import org.jspecify.annotations.Nullable;

/**
 * One durable batch and what it holds on to.
 *
 * @param batch rows of one measurement
 * @param sequence its sequence in the write-ahead log
 * @param key the key of the write it came with, or null
 * @param committed gives up its hold on the log; run exactly once, when the batch is in a file
 * @param freed gives back its memory; run exactly once, when it is in a file and no query reads it any more
 */
public record BufferedBatch(
        ColumnBatch batch, long sequence, @Nullable LoggedKey key, Runnable committed, Runnable freed) {

    /** A batch that came without a key, and whose memory nobody counts. */
    public BufferedBatch(ColumnBatch batch, long sequence, Runnable committed) {
        this(batch, sequence, null, committed, () -> {});
    }
}
