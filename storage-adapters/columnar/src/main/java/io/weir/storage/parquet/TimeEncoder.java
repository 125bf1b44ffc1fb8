package io.weir.storage.parquet;

import java.io.IOException;

/** Encodes {@code time}: required, in delta encoding. */
final class TimeEncoder implements ColumnEncoder {

    private final SortedRows rows;

    TimeEncoder(SortedRows rows) {
        this.rows = rows;
    }

    @Override
    public void encode(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        scratch.presence().allPresent(to - from);
        IntegerPages.delta(rows.times(), from, scratch, chunk);
    }
}
