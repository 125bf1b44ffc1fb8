package io.weir.ingest.decode.arrow;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.decode.DecodedRow;
import io.weir.ingest.decode.Precision;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;

/** Arrow streams to rows, slowly and plainly: Arrow's own reader, boxed values, one rule after the other. */
final class ReferenceArrowDecoder {

    /** What a stream that Weir refuses ends in. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String reason) {
            super(reason);
        }
    }

    private final String measurement;
    private final Set<String> tagNames;
    private final Precision precision;
    private final long receiveTimeNanos;
    private final MeasurementSchema stored;
    private final List<DecodedRow> rows = new ArrayList<>();
    private Precision guessed;

    ReferenceArrowDecoder(
            String measurement,
            Set<String> tagNames,
            Precision precision,
            long receiveTimeNanos,
            MeasurementSchema stored) {
        this.measurement = measurement;
        this.tagNames = tagNames;
        this.precision = precision;
        this.receiveTimeNanos = receiveTimeNanos;
        this.stored = stored;
    }

    List<DecodedRow> decode(byte[] stream) throws IOException {
        try (ArrowStreamReader reader = new ArrowStreamReader(
                new ByteArrayInputStream(stream), TestStream.ALLOCATOR, CommonsCompressionFactory.INSTANCE)) {
            while (reader.loadNextBatch()) {
                List<FieldVector> vectors = reader.getVectorSchemaRoot().getFieldVectors();
                int count = reader.getVectorSchemaRoot().getRowCount();
                boolean anyField = false;
                for (int row = 0; row < count; row++) {
                    anyField |= row(reader, vectors, row);
                }
                if (count > 0 && !anyField) {
                    throw new Refused("no field");
                }
            }
        }
        return rows;
    }

    private boolean row(ArrowStreamReader reader, List<FieldVector> vectors, int row) throws IOException {
        SortedMap<String, String> tags = new TreeMap<>();
        SortedMap<String, Object> fields = new TreeMap<>();
        long time = precision.truncate(receiveTimeNanos);
        for (FieldVector vector : vectors) {
            String name = vector.getName();
            if (name.equals("time")) {
                time = time(vector, row);
                continue;
            }
            if (vector.isNull(row)) {
                continue;
            }
            Column known = stored.find(name);
            DictionaryEncoding encoding = vector.getField().getDictionary();
            boolean text = vector.getField().getType() instanceof ArrowType.Utf8
                    || vector.getField().getType() instanceof ArrowType.LargeUtf8
                    || vector.getField().getType() instanceof ArrowType.Utf8View;
            boolean storedTag = known != null && known.type() == ColumnType.TAG;
            if (encoding != null) {
                put(tags, name, word(reader, (BaseIntVector) vector, row, encoding.getId()));
            } else if (text && (tagNames.contains(name) || storedTag)) {
                put(tags, name, text(vector, row));
            } else {
                fields.put(name, widened(value(vector, row), known == null ? null : known.type()));
            }
        }
        rows.add(new DecodedRow(measurement, tags, fields, time));
        return !fields.isEmpty();
    }

    private static String word(ArrowStreamReader reader, BaseIntVector indexes, int row, long id) throws IOException {
        FieldVector values = reader.getDictionaryVectors().get(id).getVector();
        long index = indexes.getValueAsLong(row);
        if (index < 0 || index >= values.getValueCount()) {
            throw new Refused("index");
        }
        return values.isNull((int) index) ? "" : text(values, (int) index);
    }

    private static void put(SortedMap<String, String> tags, String name, String value) {
        if (!value.isEmpty()) {
            tags.put(name, value);
        }
    }

    private long time(FieldVector vector, int row) {
        if (vector.isNull(row)) {
            throw new Refused("null time");
        }
        long value;
        Precision unit;
        if (vector instanceof TimeStampVector stamps) {
            value = stamps.get(row);
            unit = switch (((ArrowType.Timestamp) vector.getField().getType()).getUnit()) {
                case SECOND -> Precision.SECOND;
                case MILLISECOND -> Precision.MILLISECOND;
                case MICROSECOND -> Precision.MICROSECOND;
                case NANOSECOND -> Precision.NANOSECOND;
            };
        } else if (vector instanceof DateMilliVector dates) {
            value = dates.get(row);
            unit = Precision.MILLISECOND;
        } else {
            value = ((BaseIntVector) vector).getValueAsLong(row);
            unit = precision;
        }
        if (unit == Precision.AUTO) {
            if (value == 0) {
                return 0;
            }
            unit = Precision.of(value);
            if (guessed != null && guessed != unit) {
                throw new Refused("magnitudes");
            }
            guessed = unit;
        }
        BigInteger nanos = BigInteger.valueOf(value).multiply(BigInteger.valueOf(unit.nanos()));
        if (nanos.bitLength() > 63) {
            throw new Refused("time out of range");
        }
        return nanos.longValue();
    }

    private static Object value(FieldVector vector, int row) {
        if (vector instanceof NullVector) {
            throw new IllegalStateException("null is null");
        }
        if (vector instanceof BitVector bits) {
            return bits.get(row) != 0;
        }
        if (vector instanceof Float2Vector halves) {
            return (double) halves.getValueAsFloat(row);
        }
        if (vector instanceof UInt1Vector v) {
            return BigInteger.valueOf(v.get(row) & 0xff);
        }
        if (vector instanceof UInt2Vector v) {
            return BigInteger.valueOf(v.get(row));
        }
        if (vector instanceof UInt4Vector v) {
            return BigInteger.valueOf(v.get(row) & 0xffffffffL);
        }
        if (vector instanceof UInt8Vector v) {
            return new BigInteger(Long.toUnsignedString(v.get(row)));
        }
        if (vector instanceof BaseIntVector integers) {
            return integers.getValueAsLong(row);
        }
        Object value = vector.getObject(row);
        return value instanceof Number number ? number.doubleValue() : text(vector, row);
    }

    private static String text(FieldVector vector, int row) {
        if (vector instanceof VarCharVector v) {
            return new String(v.get(row), UTF_8);
        } else if (vector instanceof LargeVarCharVector v) {
            return new String(v.get(row), UTF_8);
        }
        return new String(((ViewVarCharVector) vector).get(row), UTF_8);
    }

    private static Object widened(Object value, ColumnType type) {
        ColumnType own = value instanceof Long
                ? ColumnType.INT64
                : value instanceof BigInteger
                        ? ColumnType.UINT64
                        : value instanceof Double
                                ? ColumnType.FLOAT64
                                : value instanceof Boolean ? ColumnType.BOOLEAN : ColumnType.STRING;
        if (type == null || type == own) {
            return value;
        }
        if (type == ColumnType.FLOAT64 && (own == ColumnType.INT64 || own == ColumnType.UINT64)) {
            return ((Number) value).doubleValue();
        }
        throw new Refused("type");
    }
}
