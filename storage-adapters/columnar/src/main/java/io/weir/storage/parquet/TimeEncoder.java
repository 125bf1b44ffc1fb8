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
        System.arraycopy(rows.times(), from, scratch.numbers(), 0, to - from);
        IntegerPages.delta(scratch, chunk);
    }
}
