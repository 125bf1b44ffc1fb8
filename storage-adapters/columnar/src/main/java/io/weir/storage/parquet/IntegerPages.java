package io.weir.storage.parquet;

import java.io.IOException;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;

/** Pages of 64-bit integers: a dictionary when it pays, else deltas. */
final class IntegerPages {

    private IntegerPages() {}

    /** A page of what {@link EncoderScratch#takeGathered} left. */
    static void dictionaryOrDelta(EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        Presence presence = scratch.presence();
        NumberDictionary dictionary = scratch.numberDictionary();
        long[] numbers = scratch.numbers();
        int at = scratch.at();
        int count = presence.values();
        if (scratch.sample().prefersDictionary(numbers, at, count)
                && dictionary.encode(numbers, at, count, scratch.codes())) {
            scratch.entries().clear();
            scratch.entries().putLongs(dictionary.entries(), 0, dictionary.size());
            Statistics<?> statistics = statistics(dictionary.entries(), 0, dictionary.size(), presence, chunk);
            scratch.writeDictionary(dictionary.size(), statistics, chunk);
        } else {
            delta(numbers, at, scratch, chunk);
        }
    }

    /** A page of as many of {@code numbers}, from {@code from} on, as the scratch's presence has values. */
    static void delta(long[] numbers, int from, EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        Presence presence = scratch.presence();
        int count = presence.values();
        if (count == 0) {
            chunk.nullPage(presence, scratch.values());
            return;
        }
        PageBuffer values = scratch.values();
        values.clear();
        scratch.deltas().encode(numbers, from, count, values);
        chunk.page(presence, Encoding.DELTA_BINARY_PACKED, values, statistics(numbers, from, count, presence, chunk));
    }

    /** Least and greatest, in the order of the column's type. */
    private static Statistics<?> statistics(long[] numbers, int from, int count, Presence presence, ColumnChunk chunk) {
        long flip = chunk.type().getLogicalTypeAnnotation() instanceof IntLogicalTypeAnnotation integer
                        && !integer.isSigned()
                ? Long.MIN_VALUE
                : 0;
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int i = from; i < from + count; i++) {
            min = Math.min(min, numbers[i] ^ flip);
            max = Math.max(max, numbers[i] ^ flip);
        }
        Statistics<?> statistics = chunk.statistics(presence);
        statistics.updateStats(min ^ flip);
        statistics.updateStats(max ^ flip);
        return statistics;
    }
}
