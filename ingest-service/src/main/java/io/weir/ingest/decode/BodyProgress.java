package io.weir.ingest.decode;

import io.weir.common.batch.BatchBuilder;

/**
 * How far into a body its decoder is. From that, and from how long the body says it is, follows how many rows to expect.
 * What a client says is believed only in part: never for more than so many times the rows that are already here.
 */
final class BodyProgress {

    private static final int FEWEST_ROWS = 16;
    private static final int MOST_TIMES = 64;

    private final long total;
    private final long maxBatchBytes;
    private long before;
    private int at;

    /**
     * At the start of a body.
     *
     * @param total bytes of the body, or {@link DecodeOptions#UNKNOWN_LENGTH}
     * @param maxBatchBytes size at which a batch is closed
     */
    BodyProgress(long total, long maxBatchBytes) {
        this.total = total;
        this.maxBatchBytes = maxBatchBytes;
    }

    /** At a line that starts {@code offset} bytes into the piece. */
    void at(int offset) {
        at = offset;
    }

    /** Behind a piece of that many bytes. */
    void piece(int bytes) {
        before += bytes;
        at = 0;
    }

    /** Has the arrays of a batch that begins here made for the rows it will probably get. */
    void forecast(BatchBuilder builder) {
        long start = before + at;
        if (total > start) {
            builder.forecast(rows -> rows(rows, start, builder.sizeBytes()));
        }
    }

    private int rows(int rows, long start, long builderBytes) {
        long read = before + at - start;
        if (rows < FEWEST_ROWS || read <= 0) {
            return 0;
        }
        long inAll = (long) ((double) rows * (total - start) / read);
        // A little more than that, or else the very last rows would cost a copy of all.
        long expected = inAll + (inAll >> 5) + 8;
        long most = (long) ((double) rows * maxBatchBytes / (2 * builderBytes));
        return expected > (long) rows * MOST_TIMES ? 0 : (int) Math.min(expected, most);
    }
}
