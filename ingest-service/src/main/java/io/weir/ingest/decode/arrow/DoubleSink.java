package io.weir.ingest.decode.arrow;

import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The values of a {@code FLOAT64} field; integers are widened. */
final class DoubleSink extends FieldSink {

    private double[] data = {};

    DoubleSink(String name, LongConsumer memory) {
        super(name, memory);
    }

    @Override
    void write(ArrowArray source, int first, int settled) {
        int rows = source.rows();
        if (first + rows > data.length) {
            data = Arrays.copyOf(data, Capacity.grow(data.length, first + rows, Double.BYTES, memory));
        }
        byte[] bytes = source.bytes();
        int at = source.data();
        if (source.layout() == Layout.FLOAT64) {
            LittleEndian.doubles(bytes, at, data, first, rows);
        } else if (source.layout() == Layout.FLOAT32) {
            for (int row = 0; row < rows; row++) {
                data[first + row] = Float.intBitsToFloat(LittleEndian.intAt(bytes, at + 4 * row));
            }
        } else {
            for (int row = 0; row < rows; row++) {
                data[first + row] = widened(source.layout(), bytes, at + source.layout().width * row);
            }
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
        return new DoubleColumn(name, kept == data.length ? data : Arrays.copyOf(data, kept), bits);
    }

    private static double widened(Layout layout, byte[] bytes, int at) {
        return switch (layout) {
            case FLOAT16 -> half(LittleEndian.shortAt(bytes, at) & 0xffff);
            case INT8 -> bytes[at];
            case UINT8 -> bytes[at] & 0xff;
            case INT16 -> LittleEndian.shortAt(bytes, at);
            case UINT16 -> LittleEndian.shortAt(bytes, at) & 0xffff;
            case INT32 -> LittleEndian.intAt(bytes, at);
            case UINT32 -> LittleEndian.intAt(bytes, at) & 0xffffffffL;
            case UINT64 -> unsigned(LittleEndian.longAt(bytes, at));
            default -> LittleEndian.longAt(bytes, at);
        };
    }

    private static double unsigned(long value) {
        // Halved with the lost bit kept, so that doubling rounds as the whole would have.
        return value >= 0 ? value : ((value >>> 1) | (value & 1)) * 2.0;
    }

    /** The value of an IEEE 754 half: sign 1, exponent 5 (bias 15), fraction 10. Exact. */
    static double half(int bits) {
        int exponent = bits >>> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        double magnitude;
        if (exponent == 0x1f) {
            magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        } else if (exponent == 0) {
            magnitude = fraction * 0x1p-24;
        } else {
            magnitude = Math.scalb(1024.0 + fraction, exponent - 25);
        }
        return bits >>> 15 == 0 ? magnitude : -magnitude;
    }
}
