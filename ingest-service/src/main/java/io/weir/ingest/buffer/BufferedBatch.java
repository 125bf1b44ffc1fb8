package io.weir.ingest.buffer;

import io.weir.common.batch.ColumnBatch;
import io.weir.ingest.wal.LoggedKey;
import org.jspecify.annotations.Nullable;

/**
 * One durable batch and what it holds on to until it is in a file.
 *
 * @param batch rows of one measurement
 * @param sequence its sequence in the write-ahead log
 * @param key the key of the write it came with, or null
 * @param release gives back its memory and its hold on the log; run exactly once, when the batch is committed
 */
public record BufferedBatch(
        ColumnBatch batch, long sequence, @Nullable LoggedKey key, Runnable release) {

    /** A batch that came without a key. */
    public BufferedBatch(ColumnBatch batch, long sequence, Runnable release) {
        this(batch, sequence, null, release);
    }
}
