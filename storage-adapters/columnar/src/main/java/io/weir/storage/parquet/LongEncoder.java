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
    public void gather(EncoderScratch scratch) {
        scratch.spanPresence().allPresent(scratch.spanRows());
        BatchOrder order = scratch.order();
        for (int batch = 0; batch < fields.length; batch++) {
            if (fields[batch] instanceof LongColumn field) {
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
        IntegerPages.dictionaryOrDelta(scratch, chunk);
    }
}
