package io.weir.storage.parquet;

import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.schema.Column;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Encodes an {@code INT64} or {@code UINT64} field. */
final class LongEncoder implements ColumnEncoder {

    private final @Nullable FieldColumn[] fields;

    LongEncoder(SortedRows rows, Column column) {
        this.fields = rows.field(column);
    }

    @Override
    public void encode(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        scratch.presence().allPresent(to - from);
        for (int batch = 0; batch < fields.length; batch++) {
            if (fields[batch] instanceof LongColumn field) {
                gather(field, batch, scratch);
            } else {
                scratch.removeAll(batch);
            }
        }
        scratch.presence().compact(scratch.numbers());
        IntegerPages.dictionaryOrDelta(scratch, chunk);
    }

    private static void gather(LongColumn field, int batch, EncoderScratch scratch) {
        int[] rows = scratch.order().rows();
        int[] places = scratch.order().places();
        long[] values = field.values();
        long[] numbers = scratch.numbers();
        int end = scratch.order().start(batch + 1);
        for (int i = scratch.order().start(batch); i < end; i++) {
            numbers[places[i]] = values[rows[i]];
        }
        scratch.removeNulls(field, batch);
    }
}
