package io.weir.storage.parquet;

import static org.apache.parquet.schema.LogicalTypeAnnotation.intType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.timestampType;

import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/** The columns one data file has: {@code time}, {@code time_nanos}, then every column of the schema with a value. */
final class DataFileColumns {

    private final List<PrimitiveType> types = new ArrayList<>();
    private final List<ColumnEncoder> encoders = new ArrayList<>();
    private final MessageType schema;
    private final List<ColumnDescriptor> descriptors;

    /** Of a file that holds exactly those rows. */
    DataFileColumns(SortedRows rows, DataFileOptions options) {
        this(rows, options, rows.nanos() != null, rows::has); // by the rows: written again they must give the same file
    }

    /**
     * Of a file of which those rows are a part.
     *
     * @param hasNanos whether it has {@code time_nanos}
     * @param isPresent which columns of the schema it has; tags among them are in the rows' table
     */
    DataFileColumns(SortedRows rows, DataFileOptions options, boolean hasNanos, Predicate<Column> isPresent) {
        MeasurementSchema measurement = rows.schema();
        PrimitiveType time = Types.primitive(PrimitiveTypeName.INT64, Repetition.REQUIRED)
                .as(timestampType(true, TimeUnit.MICROS))
                .id(MeasurementSchema.TIME_FIELD_ID)
                .named(MeasurementSchema.TIME);
        add(time, new TimeEncoder(rows));
        if (hasNanos) {
            PrimitiveType nanos = optional(
                    PrimitiveTypeName.INT32,
                    intType(16, true),
                    MeasurementSchema.TIME_NANOS_FIELD_ID,
                    MeasurementSchema.TIME_NANOS);
            add(nanos, new NanosEncoder(rows));
        }
        List<String> names = measurement.queryNames();
        for (int i = 0; i < names.size(); i++) {
            Column column = measurement.columns().get(i);
            if (isPresent.test(column)) {
                add(type(column, MeasurementSchema.FIRST_FIELD_ID + i, names.get(i)), encoder(rows, column, options));
            }
        }
        this.schema = new MessageType("measurement", List.<Type>copyOf(types));
        this.descriptors = schema.getColumns();
    }

    /** Parquet schema of the file. */
    MessageType schema() {
        return schema;
    }

    int count() {
        return types.size();
    }

    ColumnDescriptor descriptor(int column) {
        return descriptors.get(column);
    }

    ColumnEncoder encoder(int column) {
        return encoders.get(column);
    }

    private void add(PrimitiveType type, ColumnEncoder encoder) {
        types.add(type);
        encoders.add(encoder);
    }

    private static PrimitiveType type(Column column, int id, String name) {
        return switch (column.type()) {
            case TAG, STRING -> optional(PrimitiveTypeName.BINARY, stringType(), id, name);
            case INT64 -> optional(PrimitiveTypeName.INT64, null, id, name);
            case UINT64 -> optional(PrimitiveTypeName.INT64, intType(64, false), id, name);
            case FLOAT64 -> optional(PrimitiveTypeName.DOUBLE, null, id, name);
            case BOOLEAN -> optional(PrimitiveTypeName.BOOLEAN, null, id, name);
        };
    }

    private static PrimitiveType optional(
            PrimitiveTypeName type, @Nullable LogicalTypeAnnotation logical, int id, String name) {
        return Types.optional(type).as(logical).id(id).named(name);
    }

    private static ColumnEncoder encoder(SortedRows rows, Column column, DataFileOptions options) {
        return switch (column.type()) {
            case TAG -> new TagEncoder(rows, column, options.hasBloomFilter(column.name()));
            case STRING -> new StringEncoder(rows, column, options.pageBytes());
            case INT64, UINT64 -> new LongEncoder(rows, column);
            case FLOAT64 -> new DoubleEncoder(rows, column);
            case BOOLEAN -> new BooleanEncoder(rows, column);
        };
    }
}
