package io.weir.query.result;

import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BOOLEAN;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.DOUBLE;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.FLOAT;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import java.util.Map;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntervalMonthDayNanoVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/** Writers of values to a Parquet file, with the types they have there (Parquet format 2.10, logical types). */
final class ParquetColumns {

    private static final int DECIMAL_BYTES = 16;
    private static final int SECOND_MILLIS = 1_000;

    private ParquetColumns() {}

    /** The writer of a vector's values as a column of that name. */
    static ParquetColumn of(
            FieldVector vector, String name, Repetition repetition, Map<Long, Dictionary> dictionaries) {
        if (vector instanceof NullVector) {
            return primitive(vector, name, repetition, INT32, null, (out, row) -> {});
        }
        if (vector.getField().getDictionary() != null) {
            Dictionary dictionary = JsonColumns.dictionaryOf(vector, dictionaries);
            return primitive(
                    vector,
                    name,
                    repetition,
                    BINARY,
                    LogicalTypeAnnotation.stringType(),
                    (out, row) -> out.addBinary(string(JsonColumns.words(dictionary), JsonColumns.code(vector, row))));
        }
        ParquetColumn column = number(vector, name, repetition);
        if (column == null) {
            column = text(vector, name, repetition, dictionaries);
        }
        if (column == null) {
            column = temporal(vector, name, repetition);
        }
        return column == null ? ParquetGroups.of(vector, name, repetition, dictionaries) : column;
    }

    private static @Nullable ParquetColumn number(FieldVector vector, String name, Repetition repetition) {
        if (vector instanceof BaseIntVector integers) {
            ArrowType.Int type = (ArrowType.Int) vector.getField().getType();
            LogicalTypeAnnotation logical = LogicalTypeAnnotation.intType(type.getBitWidth(), type.getIsSigned());
            return type.getBitWidth() == 64
                    ? primitive(
                            vector,
                            name,
                            repetition,
                            INT64,
                            logical,
                            (out, row) -> out.addLong(integers.getValueAsLong(row)))
                    : primitive(
                            vector,
                            name,
                            repetition,
                            INT32,
                            logical,
                            (out, row) -> out.addInteger((int) integers.getValueAsLong(row)));
        }
        if (vector instanceof Float8Vector doubles) {
            return primitive(vector, name, repetition, DOUBLE, null, (out, row) -> out.addDouble(doubles.get(row)));
        }
        if (vector instanceof Float4Vector floats) {
            return primitive(vector, name, repetition, FLOAT, null, (out, row) -> out.addFloat(floats.get(row)));
        }
        if (vector instanceof BitVector bits) {
            return primitive(vector, name, repetition, BOOLEAN, null, (out, row) -> out.addBoolean(bits.get(row) != 0));
        }
        if (vector instanceof DecimalVector decimals) {
            return new ParquetColumn(
                    Types.primitive(FIXED_LEN_BYTE_ARRAY, repetition)
                            .length(DECIMAL_BYTES)
                            .as(LogicalTypeAnnotation.decimalType(decimals.getScale(), decimals.getPrecision()))
                            .named(name),
                    decimals::isNull,
                    (out, row) -> out.addBinary(bigEndian(decimals, row)));
        }
        return null;
    }

    private static Binary bigEndian(DecimalVector decimals, int row) {
        byte[] bytes = new byte[DECIMAL_BYTES];
        for (int i = 0; i < DECIMAL_BYTES; i++) {
            bytes[DECIMAL_BYTES - 1 - i] = decimals.getDataBuffer().getByte((long) row * DECIMAL_BYTES + i);
        }
        return Binary.fromConstantByteArray(bytes);
    }

    private static @Nullable ParquetColumn text(
            FieldVector vector, String name, Repetition repetition, Map<Long, Dictionary> dictionaries) {
        LogicalTypeAnnotation string = LogicalTypeAnnotation.stringType();
        if (vector instanceof VarCharVector strings) {
            return primitive(
                    vector, name, repetition, BINARY, string, (out, row) -> out.addBinary(string(strings, row)));
        }
        if (vector instanceof VarBinaryVector blobs) {
            return primitive(
                    vector,
                    name,
                    repetition,
                    BINARY,
                    null,
                    (out, row) -> out.addBinary(Binary.fromConstantByteArray(blobs.get(row))));
        }
        if (vector instanceof IntervalMonthDayNanoVector) { // Parquet's own intervals end at milliseconds
            TextColumn text = JsonColumns.of(vector, dictionaries);
            TextBytes bytes = new TextBytes(64);
            return primitive(vector, name, repetition, BINARY, string, (out, row) -> {
                bytes.clear();
                text.write(bytes, row);
                out.addBinary(Binary.fromConstantByteArray(bytes.copy(1, bytes.size() - 1)));
            });
        }
        if (vector instanceof UnionVector union) { // Parquet has none
            TextColumn text = JsonColumns.of(vector, dictionaries);
            TextBytes bytes = new TextBytes(256);
            return new ParquetColumn(
                    Types.primitive(BINARY, repetition)
                            .as(LogicalTypeAnnotation.jsonType())
                            .named(name),
                    row -> union.getVector(row).isNull(row),
                    (out, row) -> {
                        bytes.clear();
                        text.write(bytes, row);
                        out.addBinary(Binary.fromConstantByteArray(bytes.copy(0, bytes.size())));
                    });
        }
        return null;
    }

    private static Binary string(VarCharVector strings, int row) {
        return Binary.fromConstantByteArray(strings.get(row));
    }

    private static @Nullable ParquetColumn temporal(FieldVector vector, String name, Repetition repetition) {
        if (vector instanceof TimeStampVector stamps) {
            ArrowType.Timestamp type = (ArrowType.Timestamp) vector.getField().getType();
            boolean isSeconds = type.getUnit() == TimeUnit.SECOND; // which Parquet has none of
            LogicalTypeAnnotation logical =
                    LogicalTypeAnnotation.timestampType(type.getTimezone() != null, unit(type.getUnit()));
            return primitive(vector, name, repetition, INT64, logical, (out, row) -> {
                long value = stamps.get(row);
                out.addLong(isSeconds && !TemporalColumns.isInfinite(value) ? value * SECOND_MILLIS : value);
            });
        }
        if (vector instanceof DateDayVector days) {
            return primitive(
                    vector,
                    name,
                    repetition,
                    INT32,
                    LogicalTypeAnnotation.dateType(),
                    (out, row) -> out.addInteger(days.get(row)));
        }
        if (vector instanceof TimeMicroVector times) {
            LogicalTypeAnnotation logical =
                    LogicalTypeAnnotation.timeType(false, LogicalTypeAnnotation.TimeUnit.MICROS);
            return primitive(vector, name, repetition, INT64, logical, (out, row) -> out.addLong(times.get(row)));
        }
        if (vector instanceof TimeNanoVector times) {
            LogicalTypeAnnotation logical = LogicalTypeAnnotation.timeType(false, LogicalTypeAnnotation.TimeUnit.NANOS);
            return primitive(vector, name, repetition, INT64, logical, (out, row) -> out.addLong(times.get(row)));
        }
        return null;
    }

    private static LogicalTypeAnnotation.TimeUnit unit(TimeUnit unit) {
        return switch (unit) {
            case SECOND, MILLISECOND -> LogicalTypeAnnotation.TimeUnit.MILLIS;
            case MICROSECOND -> LogicalTypeAnnotation.TimeUnit.MICROS;
            case NANOSECOND -> LogicalTypeAnnotation.TimeUnit.NANOS;
        };
    }

    private static ParquetColumn primitive(
            FieldVector vector,
            String name,
            Repetition repetition,
            PrimitiveTypeName type,
            @Nullable LogicalTypeAnnotation logical,
            ParquetColumn.Value value) {
        return new ParquetColumn(Types.primitive(type, repetition).as(logical).named(name), vector::isNull, value);
    }
}
