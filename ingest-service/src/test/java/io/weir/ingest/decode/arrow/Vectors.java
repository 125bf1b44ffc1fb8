package io.weir.ingest.decode.arrow;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Arrow vectors from plain values; null is null. Callers close them. */
final class Vectors {

    static final ArrowType UTF8 = ArrowType.Utf8.INSTANCE;
    static final ArrowType LARGE_UTF8 = ArrowType.LargeUtf8.INSTANCE;
    static final ArrowType UTF8_VIEW = ArrowType.Utf8View.INSTANCE;
    static final ArrowType BOOL = ArrowType.Bool.INSTANCE;
    static final ArrowType NULL = ArrowType.Null.INSTANCE;
    static final ArrowType FLOAT16 = new ArrowType.FloatingPoint(FloatingPointPrecision.HALF);
    static final ArrowType FLOAT32 = new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
    static final ArrowType FLOAT64 = new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
    static final ArrowType DATE64 = new ArrowType.Date(DateUnit.MILLISECOND);

    private Vectors() {}

    static ArrowType.Int integer(int bits, boolean signed) {
        return new ArrowType.Int(bits, signed);
    }

    static ArrowType timestamp(TimeUnit unit, String zone) {
        return new ArrowType.Timestamp(unit, zone);
    }

    static FieldVector of(String name, ArrowType type, Object... values) {
        FieldVector vector = TestStream.field(name, type).createVector(TestStream.ALLOCATOR);
        vector.setInitialCapacity(values.length);
        vector.allocateNew();
        for (int row = 0; row < values.length; row++) {
            if (values[row] != null) {
                set(vector, row, values[row]);
            } else if (vector instanceof BaseFixedWidthVector fixed) {
                fixed.setNull(row);
            }
        }
        vector.setValueCount(values.length);
        return vector;
    }

    private static void set(FieldVector vector, int row, Object value) {
        if (vector instanceof VarCharVector text) {
            text.setSafe(row, bytes(value));
        } else if (vector instanceof LargeVarCharVector text) {
            text.setSafe(row, bytes(value));
        } else if (vector instanceof ViewVarCharVector text) {
            text.setSafe(row, bytes(value));
        } else if (vector instanceof BitVector bits) {
            bits.setSafe(row, (Boolean) value ? 1 : 0);
        } else if (vector instanceof Float2Vector floats) {
            floats.setSafe(row, ((Number) value).shortValue());
        } else if (vector instanceof Float4Vector floats) {
            floats.setSafe(row, ((Number) value).floatValue());
        } else if (vector instanceof Float8Vector doubles) {
            doubles.setSafe(row, ((Number) value).doubleValue());
        } else {
            setInteger(vector, row, value instanceof BigInteger big ? big.longValue() : ((Number) value).longValue());
        }
    }

    private static void setInteger(FieldVector vector, int row, long value) {
        if (vector instanceof TinyIntVector v) {
            v.setSafe(row, (byte) value);
        } else if (vector instanceof SmallIntVector v) {
            v.setSafe(row, (short) value);
        } else if (vector instanceof IntVector v) {
            v.setSafe(row, (int) value);
        } else if (vector instanceof BigIntVector v) {
            v.setSafe(row, value);
        } else if (vector instanceof UInt1Vector v) {
            v.setSafe(row, (byte) value);
        } else if (vector instanceof UInt2Vector v) {
            v.setSafe(row, (char) value);
        } else if (vector instanceof UInt4Vector v) {
            v.setSafe(row, (int) value);
        } else if (vector instanceof UInt8Vector v) {
            v.setSafe(row, value);
        } else if (vector instanceof TimeStampVector v) {
            v.setSafe(row, value);
        } else if (vector instanceof DateMilliVector v) {
            v.setSafe(row, value);
        } else {
            throw new IllegalArgumentException("no values for " + vector.getField());
        }
    }

    private static byte[] bytes(Object value) {
        return value instanceof byte[] raw ? raw : ((String) value).getBytes(UTF_8);
    }
}
