package io.weir.storage.parquet;

import java.io.IOException;

/** Encodes one column of a file, one row group after the other. One implementation a kind of column. */
interface ColumnEncoder {

    /**
     * Writes the pages of sorted rows {@code [from, to)}, at least one row, to {@code chunk}.
     *
     * @param scratch buffers for at least {@code to - from} rows, used by one encoder at a time
     */
    void encode(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException;
}
