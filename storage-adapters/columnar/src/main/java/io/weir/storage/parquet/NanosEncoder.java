package io.weir.storage.parquet;

import java.io.IOException;
import java.util.Arrays;
import org.apache.parquet.column.statistics.Statistics;

/** Encodes {@code time_nanos}, 0 to 999 in every row: a dictionary page has at most 1,000 entries of 4 bytes. */
final class NanosEncoder implements ColumnEncoder {

    private static final int NANOS_PER_MICRO = 1000;

    private final SortedRows rows;

    NanosEncoder(SortedRows rows) {
        this.rows = rows;
    }

    @Override
    public void encode(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        scratch.presence().allPresent(to - from);
        short[] nanos = rows.nanos();
        int[] codeOf = new int[NANOS_PER_MICRO];
        Arrays.fill(codeOf, -1);
        PageBuffer entries = scratch.entries();
        entries.clear();
        Statistics<?> statistics = chunk.statistics(scratch.presence());
        for (int row = from; row < to; row++) {
            int value = nanos == null ? 0 : nanos[row];
            if (codeOf[value] < 0) {
                codeOf[value] = entries.size() / Integer.BYTES;
                entries.putInt(value);
                statistics.updateStats(value);
            }
            scratch.codes()[row - from] = codeOf[value];
        }
        scratch.writeDictionary(entries.size() / Integer.BYTES, statistics, chunk);
    }
}
