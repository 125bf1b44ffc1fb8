package io.weir.query.tail;

import io.weir.common.batch.ColumnBatch;
import io.weir.query.result.BatchJson;
import io.weir.storage.hot.RowStream;

/** Encodes the chosen rows of one batch, a frame at a time. Used by one thread at a time. */
interface FrameEncoder {

    /**
     * A frame.
     *
     * @param bytes all of it
     * @param end number behind its last row, among the chosen ones
     */
    record Encoded(byte[] bytes, int end) {}

    /** The frame that begins with that one of the chosen rows. */
    Encoded encode(int from);

    /**
     * An encoder.
     *
     * @param rows numbers of the chosen rows, ascending
     * @param frameBytes about the size of a frame
     */
    static FrameEncoder of(TailFormat format, ColumnBatch batch, int[] rows, long frameBytes) {
        return format == TailFormat.JSON ? json(batch, rows, frameBytes) : arrow(batch, rows, frameBytes);
    }

    private static FrameEncoder json(ColumnBatch batch, int[] rows, long frameBytes) {
        BatchJson json = new BatchJson(batch);
        return from -> {
            int end = json.write("{\"type\":\"rows\",\"rows\":[", rows, from, frameBytes, "]}");
            return new Encoded(json.text(), end);
        };
    }

    /** As many rows as a frame holds if they are like the others of the batch. */
    private static FrameEncoder arrow(ColumnBatch batch, int[] rows, long frameBytes) {
        long rowBytes = Math.max(1, batch.sizeBytes() / batch.rows());
        int most = (int) Math.max(1, Math.min(rows.length, frameBytes / rowBytes));
        return from -> {
            int end = Math.min(rows.length, from + most);
            return new Encoded(RowStream.of(batch, rows, from, end), end);
        };
    }
}
