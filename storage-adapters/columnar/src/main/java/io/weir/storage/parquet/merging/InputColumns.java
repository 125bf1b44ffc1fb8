package io.weir.storage.parquet.merging;

import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/** What the columns of one file are in a measurement's schema, found by their field ids: names in files may be those of queries. */
final class InputColumns {

    /** A column of the file; {@code unsigned} and {@code widened} as {@link ColumnReading#field} wants them. */
    record InputColumn(Column column, int position, ColumnDescriptor descriptor, boolean unsigned, boolean widened) {}

    private final List<InputColumn> values = new ArrayList<>();
    private @Nullable ColumnDescriptor time;
    private @Nullable ColumnDescriptor nanos;

    /** @throws IllegalArgumentException when a column is not the schema's */
    InputColumns(MessageType file, MeasurementSchema schema) {
        for (Type type : file.getFields()) {
            if (!type.isPrimitive() || type.getId() == null || type.isRepetition(Type.Repetition.REPEATED)) {
                throw new IllegalArgumentException("column \"" + type.getName()
                        + "\" is no column of a data file (expected: flat, with a field id)");
            }
            take(type.asPrimitiveType(), file.getColumnDescription(new String[] {type.getName()}), schema);
        }
        if (time == null) {
            throw new IllegalArgumentException(
                    "there is no column of times (expected: field id " + MeasurementSchema.TIME_FIELD_ID + ")");
        }
    }

    private void take(PrimitiveType type, ColumnDescriptor descriptor, MeasurementSchema schema) {
        int id = type.getId().intValue();
        int position = id - MeasurementSchema.FIRST_FIELD_ID;
        if (id == MeasurementSchema.TIME_FIELD_ID) {
            require(type, PrimitiveType.PrimitiveTypeName.INT64);
            time = descriptor;
        } else if (id == MeasurementSchema.TIME_NANOS_FIELD_ID) {
            require(type, PrimitiveType.PrimitiveTypeName.INT32);
            nanos = descriptor;
        } else if (position >= 0 && position < schema.columns().size()) {
            values.add(value(type, position, descriptor, schema.columns().get(position)));
        } else {
            throw new IllegalArgumentException("column \"" + type.getName() + "\" has field id " + id
                    + " (expected: below "
                    + (MeasurementSchema.FIRST_FIELD_ID + schema.columns().size()) + ", as the schema has)");
        }
    }

    private static void require(PrimitiveType type, PrimitiveType.PrimitiveTypeName expected) {
        if (type.getPrimitiveTypeName() != expected) {
            throw new IllegalArgumentException("column \"" + type.getName() + "\" is " + type.getPrimitiveTypeName()
                    + " (expected: " + expected + ")");
        }
    }

    private static InputColumn value(PrimitiveType type, int position, ColumnDescriptor descriptor, Column column) {
        ColumnType found = switch (type.getPrimitiveTypeName()) {
            case INT64 -> isUnsigned(type) ? ColumnType.UINT64 : ColumnType.INT64;
            case DOUBLE -> ColumnType.FLOAT64;
            case BOOLEAN -> ColumnType.BOOLEAN;
            case BINARY -> ColumnType.STRING;
            default ->
                throw new IllegalArgumentException("column \"" + type.getName() + "\" is " + type.getPrimitiveTypeName()
                        + " (expected: a type that data files have)");
        };
        if (!ColumnReading.fits(column.type(), found)) {
            throw new IllegalArgumentException("column \"" + column.name() + "\" is " + found.noun() + " (expected: "
                    + column.type().noun() + ", as the schema has it)");
        }
        boolean widened = column.type() == ColumnType.FLOAT64 && found != ColumnType.FLOAT64;
        return new InputColumn(column, position, descriptor, found == ColumnType.UINT64, widened);
    }

    private static boolean isUnsigned(PrimitiveType type) {
        return type.getLogicalTypeAnnotation() instanceof IntLogicalTypeAnnotation integer && !integer.isSigned();
    }

    ColumnDescriptor time() {
        if (time == null) {
            throw new IllegalStateException("checked when it was made");
        }
        return time;
    }

    /** Null when every time is in whole microseconds. */
    @Nullable
    ColumnDescriptor nanos() {
        return nanos;
    }

    /** Tags and fields. */
    List<InputColumn> values() {
        return values;
    }
}
