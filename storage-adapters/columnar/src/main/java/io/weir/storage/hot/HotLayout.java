package io.weir.storage.hot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.FieldColumn;
import io.weir.common.hot.HotScope;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The columns of one stream, in order: the time, its nanoseconds if there are any, tags, fields.
 *
 * @param nanos whether there is a column of nanoseconds
 * @param columns tags and fields; a tag has the dictionary of its place in this list
 */
record HotLayout(boolean nanos, List<Column> columns) {

    private static final ArrowType TIME = new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC");
    private static final ArrowType NANOS = new ArrowType.Int(16, true);
    private static final ArrowType.Int INDEX = new ArrowType.Int(32, true);

    HotLayout {
        columns = List.copyOf(columns);
    }

    /** The columns of a batch that the scope may mean. */
    static HotLayout of(ColumnBatch batch, HotScope scope) {
        List<Column> columns = new ArrayList<>();
        for (String tag : batch.series().tagNames()) {
            if (scope.mayMean(tag)) {
                columns.add(new Column(tag, ColumnType.TAG));
            }
        }
        for (FieldColumn field : batch.fields()) {
            if (scope.mayMean(field.name())) {
                columns.add(new Column(field.name(), field.type()));
            }
        }
        return new HotLayout(batch.timeNanos() != null, columns);
    }

    /** The columns that an Arrow schema describes. @throws IllegalArgumentException when no writer of ours made it */
    static HotLayout of(Schema schema) {
        List<Field> fields = schema.getFields();
        require(!fields.isEmpty() && fields.get(0).getType().equals(TIME), "a first column that is the time");
        boolean nanos = fields.size() > 1 && fields.get(1).getName().equals(MeasurementSchema.TIME_NANOS);
        require(!nanos || fields.get(1).getType().equals(NANOS), "nanoseconds of 16 bits");
        List<Column> columns = new ArrayList<>();
        for (Field field : fields.subList(nanos ? 2 : 1, fields.size())) {
            columns.add(new Column(field.getName(), type(field, columns.size())));
        }
        return new HotLayout(nanos, columns);
    }

    private static ColumnType type(Field field, int place) {
        DictionaryEncoding dictionary = field.getDictionary();
        ArrowType type = field.getType();
        if (dictionary != null) {
            require(
                    type instanceof ArrowType.Utf8
                            && dictionary.getId() == place
                            && INDEX.equals(dictionary.getIndexType()),
                    "a tag with the dictionary of its place");
            return ColumnType.TAG;
        }
        for (ColumnType candidate : ColumnType.values()) {
            if (candidate != ColumnType.TAG && arrow(candidate).equals(type)) {
                return candidate;
            }
        }
        throw new IllegalArgumentException("column " + field.getName() + " of type " + type);
    }

    private static void require(boolean condition, String expected) {
        if (!condition) {
            throw new IllegalArgumentException("a schema without " + expected);
        }
    }

    /** The schema of a stream of rows of that flush; an empty one is left out. */
    Schema schema(String flushId, String measurement) {
        List<Field> fields = new ArrayList<>();
        fields.add(new Field(MeasurementSchema.TIME, FieldType.notNullable(TIME), null));
        if (nanos) {
            fields.add(new Field(MeasurementSchema.TIME_NANOS, FieldType.notNullable(NANOS), null));
        }
        for (Column column : columns) {
            boolean tag = column.type() == ColumnType.TAG;
            int place = fields.size() - (nanos ? 2 : 1);
            DictionaryEncoding dictionary = tag ? new DictionaryEncoding(place, false, INDEX) : null;
            fields.add(new Field(column.name(), new FieldType(true, arrow(column.type()), dictionary), null));
        }
        Map<String, String> metadata = flushId.isEmpty()
                ? Map.of(HotStream.MEASUREMENT, measurement)
                : Map.of(HotStream.FLUSH_ID, flushId, HotStream.MEASUREMENT, measurement);
        return new Schema(fields, metadata);
    }

    private static ArrowType arrow(ColumnType type) {
        return switch (type) {
            case TAG, STRING -> new ArrowType.Utf8();
            case INT64 -> new ArrowType.Int(64, true);
            case UINT64 -> new ArrowType.Int(64, false);
            case FLOAT64 -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
            case BOOLEAN -> new ArrowType.Bool();
        };
    }
}
