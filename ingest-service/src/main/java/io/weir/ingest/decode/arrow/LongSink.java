package io.weir.ingest.decode.arrow;

import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.schema.ColumnType;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The values of an {@code INT64} or {@code UINT64} field. */
final class LongSink extends FieldSink {

    private final ColumnType type;
    private long[] data = {};

    LongSink(String name, ColumnType type, LongConsumer memory) {
        super(name, memory);
        this.type = type;
    }

    @Override
    void write(ArrowArray source, int first, int settled) {
        int rows = source.rows();
        if (first + rows > data.length) {
            data = Arrays.copyOf(data, Capacity.grow(data.length, first + rows, Long.BYTES, memory));
        }
        byte[] bytes = source.bytes();
        int at = source.data();
        switch (source.layout()) {
            case INT8 -> {
                for (int row = 0; row < rows; row++) {
                    data[first + row] = bytes[at + row];
                }
            }
            case UINT8 -> {
                for (int row = 0; row < rows; row++) {
                    data[first + row] = bytes[at + row] & 0xff;
                }
            }
            case INT16 -> {
                for (int row = 0; row < rows; row++) {
                    data[first + row] = LittleEndian.shortAt(bytes, at + 2 * row);
                }
            }
            case UINT16 -> {
                for (int row = 0; row < rows; row++) {
                    data[first + row] = LittleEndian.shortAt(bytes, at + 2 * row) & 0xffff;
                }
            }
            case INT32 -> {
                for (int row = 0; row < rows; row++) {
                    data[first + row] = LittleEndian.intAt(bytes, at + 4 * row);
                }
            }
            case UINT32 -> {
                for (int row = 0; row < rows; row++) {
                    data[first + row] = LittleEndian.intAt(bytes, at + 4 * row) & 0xffffffffL;
                }
            }
            default -> LittleEndian.longs(bytes, at, data, first, rows);
        }
        if (!source.isComplete()) {
            for (int row = 0; row < rows; row++) {
                if (!source.isValid(row)) {
                    data[first + row] = 0;
                }
            }
        }
    }

    @Override
    FieldColumn column(int total, int settled, long @Nullable [] bits) {
        int kept = settled < total ? total : Capacity.kept(total, data.length);
        return new LongColumn(name, type, kept == data.length ? data : Arrays.copyOf(data, kept), bits);
    }
}
