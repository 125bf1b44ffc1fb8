package io.weir.ingest.decode.arrow;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.FieldColumn;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The values of a {@code BOOLEAN} field. */
final class BooleanSink extends FieldSink {

    private long[] data = {};

    BooleanSink(String name, LongConsumer memory) {
        super(name, memory);
    }

    @Override
    void write(ArrowArray source, int first, int settled) {
        int rows = source.rows();
        int needed = Bits.words(first + rows);
        if (needed > data.length) {
            data = Arrays.copyOf(data, Capacity.grow(data.length, needed, Long.BYTES, memory));
        }
        for (int row = 0; row < rows; row += Long.SIZE) {
            long word = LittleEndian.bits(source.bytes(), source.data(), row >>> 6, rows);
            if (!source.isComplete()) {
                word &= source.validBits(row >>> 6);
            }
            put(data, first + row, word, Math.min(Long.SIZE, rows - row));
        }
    }

    @Override
    FieldColumn column(int total, int settled, long @Nullable [] bits) {
        int kept = Bits.words(total);
        return new BooleanColumn(name, kept == data.length ? data : Arrays.copyOf(data, kept), bits);
    }
}
