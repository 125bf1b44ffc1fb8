package io.weir.ingest.buffer;

import io.weir.common.batch.ColumnBatch;

/**
 * One durable batch and what it holds on to until it is in a file.
 *
 * @param batch rows of one measurement
 * @param sequence its sequence in the write-ahead log
 * @param release gives back its memory and its hold on the log; run exactly once, when the batch is committed
 */
public record BufferedBatch(ColumnBatch batch, long sequence, Runnable release) {}
