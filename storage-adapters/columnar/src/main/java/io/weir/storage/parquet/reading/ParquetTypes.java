package io.weir.storage.parquet.reading;

import io.weir.common.schema.ColumnType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/** What the types of a Parquet schema (format specification, LogicalTypes.md) are here. */
final class ParquetTypes {

    /** Returned by {@link #timeUnit} for integers whose unit the file does not say. */
    static final long UNKNOWN_UNIT = 0;

    /** Returned by {@link #timeUnit} for what holds no times. */
    static final long NO_TIME = -1;

    private static final long NANOS_PER_DAY = 86_400_000_000_000L;

    private ParquetTypes() {}

    /** The type of a column's values, or null when there is none for them. */
    static @Nullable ColumnType of(Type type) {
        if (!isFlat(type)) {
            return null;
        }
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
            case INT32, INT64 ->
                logical == null
                        ? ColumnType.INT64
                        : logical instanceof IntLogicalTypeAnnotation integer
                                ? integer.isSigned() ? ColumnType.INT64 : ColumnType.UINT64
                                : null;
            case FLOAT, DOUBLE -> logical == null ? ColumnType.FLOAT64 : null;
            case BOOLEAN -> ColumnType.BOOLEAN;
            case BINARY -> isText(logical) ? ColumnType.STRING : null;
            default -> null;
        };
    }

    private static boolean isText(@Nullable LogicalTypeAnnotation logical) {
        return logical instanceof StringLogicalTypeAnnotation
                || logical instanceof EnumLogicalTypeAnnotation
                || logical instanceof JsonLogicalTypeAnnotation;
    }

    /** Nanoseconds in a unit of a time column, {@link #UNKNOWN_UNIT} or {@link #NO_TIME}. */
    static long timeUnit(Type type) {
        if (!isFlat(type)) {
            return NO_TIME;
        }
        if (type.getLogicalTypeAnnotation() instanceof TimestampLogicalTypeAnnotation timestamp) {
            return timestamp.getUnit() == TimeUnit.MILLIS
                    ? 1_000_000
                    : timestamp.getUnit() == TimeUnit.MICROS ? 1_000 : 1;
        }
        if (type.getLogicalTypeAnnotation() instanceof DateLogicalTypeAnnotation) {
            return NANOS_PER_DAY;
        }
        return of(type) == ColumnType.INT64 ? UNKNOWN_UNIT : NO_TIME;
    }

    /** Whether that is the column of nanoseconds that our own data files have beside their time. */
    static boolean isNanos(Type type) {
        return isFlat(type)
                && type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT32
                && of(type) == ColumnType.INT64;
    }

    private static boolean isFlat(Type type) {
        return type.isPrimitive() && !type.isRepetition(Repetition.REPEATED);
    }

    /** A type as its users know it: {@code INT64 (TIMESTAMP(MICROS,true))}, {@code list}, {@code group}. */
    static String noun(Type type) {
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        String annotation = logical == null ? "" : logical.toString();
        if (!type.isPrimitive()) {
            return annotation.isEmpty() ? "a group of columns" : "a " + annotation;
        }
        PrimitiveType primitive = type.asPrimitiveType();
        String repeated = type.isRepetition(Repetition.REPEATED) ? "repeated " : "";
        return repeated + primitive.getPrimitiveTypeName() + (annotation.isEmpty() ? "" : " (" + annotation + ")");
    }
}
