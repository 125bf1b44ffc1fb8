package io.weir.storage.parquet;

import java.io.IOException;

/** Encodes one column of a file, one row group after the other. One implementation a kind of column. */
interface ColumnEncoder {

    /** Fetches the values of the span that {@code scratch} is at, when it is better done for several row groups at once. */
    default void gather(EncoderScratch scratch) {}

    /**
     * Gives the pages of sorted rows {@code [from, to)}, at least one row and within the span, to {@code chunk}.
     *
     * @param scratch buffers for at least {@code to - from} rows, used by one encoder at a time
     */
    void encode(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException;
}
