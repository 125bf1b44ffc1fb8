package io.weir.ingest.buffer;

import io.weir.common.batch.ColumnBatch;

/**
 * One durable batch and what it holds on to.
 *
 * @param batch rows of one measurement
 * @param sequence its sequence in the write-ahead log
 * @param committed gives up its hold on the log; run exactly once, when the batch is in a file
 * @param freed gives back its memory; run exactly once, when it is in a file and no query reads it any more
 */
public record BufferedBatch(ColumnBatch batch, long sequence, Runnable committed, Runnable freed) {

    /** A batch whose memory nobody counts. */
    public BufferedBatch(ColumnBatch batch, long sequence, Runnable committed) {
        this(batch, sequence, committed, () -> {});
    }
}
