package io.weir.storage.parquet;

import java.io.IOException;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;

/** Pages of 64-bit integers taken from {@link EncoderScratch#numbers}: a dictionary when it pays, else deltas. */
final class IntegerPages {

    private static final int SLAB = 4096;

    private IntegerPages() {}

    static void dictionaryOrDelta(EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        Presence presence = scratch.presence();
        NumberDictionary dictionary = scratch.numberDictionary();
        if (dictionary.encode(scratch.numbers(), presence.values(), scratch.codes())) {
            Statistics<?> statistics = statistics(dictionary.entries(), dictionary.size(), presence, chunk);
            chunk.dictionaryPage(
                    presence,
                    ColumnChunk.plain(dictionary.entries(), dictionary.size()),
                    dictionary.size(),
                    scratch.codes(),
                    statistics);
        } else {
            delta(scratch, chunk);
        }
    }

    static void delta(EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        Presence presence = scratch.presence();
        long[] numbers = scratch.numbers();
        if (presence.values() == 0) {
            chunk.nullPage(presence);
            return;
        }
        int bytes = Math.max(SLAB, presence.values() * Long.BYTES);
        try (DeltaBinaryPackingValuesWriterForLong writer =
                new DeltaBinaryPackingValuesWriterForLong(SLAB, bytes, HeapByteBufferAllocator.getInstance())) {
            for (int i = 0; i < presence.values(); i++) {
                writer.writeLong(numbers[i]);
            }
            Statistics<?> statistics = statistics(numbers, presence.values(), presence, chunk);
            chunk.page(presence, Encoding.DELTA_BINARY_PACKED, writer.getBytes(), statistics);
        }
    }

    /** Least and greatest, in the order of the column's type. */
    private static Statistics<?> statistics(long[] numbers, int count, Presence presence, ColumnChunk chunk) {
        long flip = chunk.type().getLogicalTypeAnnotation() instanceof IntLogicalTypeAnnotation integer
                        && !integer.isSigned()
                ? Long.MIN_VALUE
                : 0;
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int i = 0; i < count; i++) {
            min = Math.min(min, numbers[i] ^ flip);
            max = Math.max(max, numbers[i] ^ flip);
        }
        Statistics<?> statistics = chunk.statistics(presence);
        statistics.updateStats(min ^ flip);
        statistics.updateStats(max ^ flip);
        return statistics;
    }
}
