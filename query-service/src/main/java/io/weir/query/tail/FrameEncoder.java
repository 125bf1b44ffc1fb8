package io.weir.query.tail;

import io.weir.common.batch.ColumnBatch;
import io.weir.query.result.BatchJson;
import io.weir.storage.hot.RowStream;
import org.jspecify.annotations.Nullable;

/** Encodes the chosen rows of one batch, a frame at a time. Used by one thread at a time. */
final class FrameEncoder {

    private final ColumnBatch batch;
    private final int[] rows;
    private final long frameBytes;
    private final @Nullable BatchJson json;
    private int encoded;

    /**
     * An encoder.
     *
     * @param rows numbers of the chosen rows, ascending
     * @param frameBytes about the size of a frame
     */
    FrameEncoder(TailFormat format, ColumnBatch batch, int[] rows, long frameBytes) {
        this.batch = batch;
        this.rows = rows;
        this.frameBytes = frameBytes;
        this.json = format == TailFormat.JSON ? new BatchJson(batch) : null;
    }

    /** Whether there are rows that are in no frame yet. */
    boolean hasNext() {
        return encoded < rows.length;
    }

    /** How many rows are in frames. */
    int encoded() {
        return encoded;
    }

    /** The next frame. */
    byte[] next() {
        int from = encoded;
        if (json != null) {
            encoded = json.write("{\"type\":\"rows\",\"rows\":[", rows, from, frameBytes, "]}");
            return json.text();
        }
        encoded = (int) Math.min(rows.length, from + rowsOfFrame());
        return RowStream.of(batch, rows, from, encoded);
    }

    /** As many as a frame holds if they are like the others of the batch. */
    private long rowsOfFrame() {
        long rowBytes = Math.max(1, batch.sizeBytes() / batch.rows());
        return Math.max(1, frameBytes / rowBytes);
    }
}
