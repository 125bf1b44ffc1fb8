package io.weir.storage.parquet;

import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.schema.Column;
import java.io.IOException;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/** Encodes a {@code FLOAT64} field: a dictionary of distinct bit patterns when it pays, else PLAIN. */
final class DoubleEncoder implements ColumnEncoder {

    private final @Nullable FieldColumn[] fields;

    DoubleEncoder(SortedRows rows, Column column) {
        this.fields = rows.field(column);
    }

    @Override
    public void gather(EncoderScratch scratch) {
        scratch.spanPresence().allPresent(scratch.spanRows());
        BatchOrder order = scratch.order();
        for (int batch = 0; batch < fields.length; batch++) {
            if (fields[batch] instanceof DoubleColumn field) {
                order.scatter(batch, field.values(), scratch.numbers());
                order.removeNulls(batch, field, scratch.spanPresence());
            } else {
                order.removeAll(batch, scratch.spanPresence());
            }
        }
    }

    @Override
    public void encode(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        scratch.takeGathered(from, to);
        Presence presence = scratch.presence();
        if (presence.values() == 0) {
            chunk.nullPage(presence, scratch.values());
            return;
        }
        NumberDictionary dictionary = scratch.numberDictionary();
        if (scratch.sample().repeats(scratch.numbers(), scratch.at(), presence.values())
                && dictionary.encode(scratch.numbers(), scratch.at(), presence.values(), scratch.codes())) {
            scratch.entries().clear();
            scratch.entries().putLongs(dictionary.entries(), 0, dictionary.size());
            Statistics<?> statistics = statistics(dictionary.entries(), 0, dictionary.size(), presence, chunk);
            scratch.writeDictionary(dictionary.size(), statistics, chunk);
        } else {
            plainOrSplit(scratch, chunk);
        }
    }

    private static void plainOrSplit(EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        Presence presence = scratch.presence();
        PageBuffer values = scratch.values();
        values.clear();
        boolean split =
                scratch.sample().splitsWell(scratch.numbers(), scratch.at(), presence.values(), chunk.compressor());
        if (split) {
            values.putSplit(scratch.numbers(), scratch.at(), presence.values());
        } else {
            values.putLongs(scratch.numbers(), scratch.at(), presence.values());
        }
        Statistics<?> statistics = statistics(scratch.numbers(), scratch.at(), presence.values(), presence, chunk);
        chunk.page(presence, split ? Encoding.BYTE_STREAM_SPLIT : Encoding.PLAIN, values, statistics);
    }

    /**
     * Least and greatest; a zero counts as -0.0 below and +0.0 above, as the Parquet format asks ({@code ColumnOrder} in
     * {@code parquet.thrift}). With a NaN among the values there are no bounds: readers order NaN differently, and one that
     * takes it for the greatest value would skip the rows that hold it.
     */
    private static Statistics<?> statistics(long[] bits, int from, int count, Presence presence, ColumnChunk chunk) {
        Statistics<?> statistics = chunk.statistics(presence);
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (int i = from; i < from + count; i++) {
            double value = Double.longBitsToDouble(bits[i]);
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        if (Double.isNaN(min)) {
            statistics.incrementNanCount(1);
        } else {
            statistics.updateStats(min == 0 ? -0.0 : min);
            statistics.updateStats(max == 0 ? 0.0 : max);
        }
        return statistics;
    }
}
