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
    public void encode(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        Presence presence = scratch.presence();
        presence.allPresent(to - from);
        for (int batch = 0; batch < fields.length; batch++) {
            if (fields[batch] instanceof DoubleColumn field) {
                gather(field, batch, scratch);
            } else {
                scratch.removeAll(batch);
            }
        }
        presence.compact(scratch.numbers());
        if (presence.values() == 0) {
            chunk.nullPage(presence);
            return;
        }
        NumberDictionary dictionary = scratch.numberDictionary();
        if (dictionary.encode(scratch.numbers(), presence.values(), scratch.codes())) {
            chunk.dictionaryPage(
                    presence,
                    ColumnChunk.plain(dictionary.entries(), dictionary.size()),
                    dictionary.size(),
                    scratch.codes(),
                    statistics(dictionary.entries(), dictionary.size(), presence, chunk));
        } else {
            Statistics<?> statistics = statistics(scratch.numbers(), presence.values(), presence, chunk);
            chunk.page(presence, Encoding.PLAIN, ColumnChunk.plain(scratch.numbers(), presence.values()), statistics);
        }
    }

    private static void gather(DoubleColumn field, int batch, EncoderScratch scratch) {
        int[] rows = scratch.order().rows();
        int[] places = scratch.order().places();
        double[] values = field.values();
        long[] bits = scratch.numbers();
        int end = scratch.order().start(batch + 1);
        for (int i = scratch.order().start(batch); i < end; i++) {
            bits[places[i]] = Double.doubleToRawLongBits(values[rows[i]]);
        }
        scratch.removeNulls(field, batch);
    }

    /**
     * Least and greatest; a zero counts as -0.0 below and +0.0 above, as the Parquet format asks ({@code ColumnOrder} in
     * {@code parquet.thrift}). With a NaN among the values there are no bounds: readers order NaN differently, and one that
     * takes it for the greatest value would skip the rows that hold it.
     */
    private static Statistics<?> statistics(long[] bits, int count, Presence presence, ColumnChunk chunk) {
        Statistics<?> statistics = chunk.statistics(presence);
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
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
