package io.weir.ingest.buffer;

import io.weir.common.batch.ColumnBatch;

/**
 * One durable batch and its claim on the write-ahead log.
 *
 * @param batch rows of one measurement
 * @param sequence its sequence in the log
 * @param segment the segment of the log that holds it
 * @param release gives the claim up; run exactly once: when the batch is committed, or earlier when its part has another
 *     claim on the same segment, which keeps the segment as well
 */
public record BufferedBatch(ColumnBatch batch, long sequence, long segment, Runnable release) {}
