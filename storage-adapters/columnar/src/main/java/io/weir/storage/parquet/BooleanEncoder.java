package io.weir.storage.parquet;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.schema.Column;
import java.io.IOException;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridValuesWriter;
import org.jspecify.annotations.Nullable;

/** Encodes a {@code BOOLEAN} field in the RLE encoding. */
final class BooleanEncoder implements ColumnEncoder {

    private static final int SLAB = 1024;

    private final long[] refs;
    private final @Nullable FieldColumn[] fields;

    BooleanEncoder(SortedRows rows, Column column) {
        this.refs = rows.refs();
        this.fields = rows.field(column);
    }

    @Override
    public void encode(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        Presence presence = scratch.presence();
        presence.clear();
        boolean anyTrue = false;
        boolean anyFalse = false;
        int bytes = Math.max(SLAB, to - from);
        try (RunLengthBitPackingHybridValuesWriter writer =
                new RunLengthBitPackingHybridValuesWriter(1, SLAB, bytes, HeapByteBufferAllocator.getInstance())) {
            for (int i = from; i < to; i++) {
                int row = RowRefs.row(refs[i]);
                if (fields[RowRefs.batch(refs[i])] instanceof BooleanColumn field && !field.isNull(row)) {
                    boolean value = Bits.get(field.bits(), row);
                    anyTrue |= value;
                    anyFalse |= !value;
                    writer.writeBoolean(value);
                    presence.present();
                } else {
                    presence.absent(1);
                }
            }
            if (presence.values() == 0) {
                chunk.nullPage(presence);
                return;
            }
            Statistics<?> statistics = chunk.statistics(presence);
            statistics.updateStats(!anyFalse);
            statistics.updateStats(anyTrue);
            chunk.page(presence, Encoding.RLE, writer.getBytes(), statistics);
        }
    }
}
