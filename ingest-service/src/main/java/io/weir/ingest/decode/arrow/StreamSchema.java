package io.weir.ingest.decode.arrow;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.Precision;
import io.weir.ingest.decode.Utf8;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.apache.arrow.flatbuf.DictionaryEncoding;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Schema;
import org.jspecify.annotations.Nullable;

/** The columns of a stream, from its schema message: what each is, and what becomes of it. */
final class StreamSchema {

    private static final int COLUMN_BYTES = 512;

    private final ArrowParameters parameters;
    private final DecodeOptions options;
    private final LongConsumer memory;
    private final ArrowPlace place;
    private final @Nullable MeasurementSchema stored;
    private final List<ArrowColumn> columns = new ArrayList<>();
    private final Map<Long, TagDictionary> dictionaries = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private int newColumns;

    StreamSchema(ArrowParameters parameters, DecodeOptions options, LongConsumer memory, ArrowPlace place) {
        this.parameters = parameters;
        this.options = options;
        this.memory = memory;
        this.place = place;
        this.stored = options.schemas().find(parameters.measurement());
    }

    /** Takes over what the message says; called once. Fails with a fault for a column that Weir cannot store. */
    void read(Schema schema) {
        if (schema.endianness() != Endianness.Little) {
            throw new ArrowFault("is big-endian (expected: little-endian)");
        }
        int limit = options.limits().maxColumns();
        if (schema.fieldsLength() > limit + 1) {
            throw new ArrowFault(
                    "has " + schema.fieldsLength() + " columns (expected: at most " + limit + " and time)");
        }
        for (int i = 0; i < schema.fieldsLength(); i++) {
            Field field = schema.fields(i);
            String name = name(field, i);
            place.column(name);
            if (!names.add(name)) {
                throw new ArrowFault("stands twice in the schema");
            }
            memory.accept(COLUMN_BYTES);
            columns.add(name.equals(MeasurementSchema.TIME) ? time(field) : column(field, name));
        }
        place.noColumn();
        for (String tag : parameters.tags()) {
            if (!names.contains(tag)) {
                place.column(tag);
                throw new ArrowFault("is named by the parameter \"tags\" but is no column of the stream");
            }
        }
    }

    /** The columns in order. */
    List<ArrowColumn> columns() {
        return columns;
    }

    /** The dictionary of that number, or null when no column has it. */
    @Nullable
    TagDictionary dictionary(long id) {
        return dictionaries.get(id);
    }

    private ArrowColumn time(Field field) {
        Precision unit = FieldTypes.timeUnit(field);
        if (field.dictionary() != null || (unit == null && FieldTypes.layout(field) != Layout.INT64)) {
            throw new ArrowFault("is " + FieldTypes.noun(field) + " (expected: timestamp, date64 or int64)");
        }
        return new ArrowColumn(MeasurementSchema.TIME, ArrowColumn.Role.TIME, Layout.INT64, null, unit, null);
    }

    private ArrowColumn column(Field field, String name) {
        checkName(name);
        Layout layout = FieldTypes.layout(field);
        if (layout == null || field.childrenLength() != 0) {
            throw new ArrowFault("is " + FieldTypes.noun(field)
                    + " (expected: integer, float, boolean, string, or a dictionary of strings)");
        }
        ColumnType type = storedType(name);
        TagDictionary dictionary = null;
        DictionaryEncoding encoding = field.dictionary();
        if (encoding != null) {
            dictionary = dictionary(encoding, layout);
            layout = FieldTypes.indexes(encoding);
        }
        boolean named = parameters.tags().contains(name);
        boolean isTag = named || dictionary != null || (type == ColumnType.TAG && layout.isText());
        if (isTag && type != null && type != ColumnType.TAG) {
            throw new ArrowFault("is a field of type " + type.noun() + " (expected: a tag of another name)");
        }
        if (named && dictionary == null && !layout.isText() && layout != Layout.NULL) {
            throw new ArrowFault("is " + FieldTypes.noun(field) + " (expected: string, as tags are)");
        }
        ArrowColumn.Role role = isTag ? ArrowColumn.Role.TAG : ArrowColumn.Role.FIELD;
        return new ArrowColumn(name, role, layout, dictionary, null, type);
    }

    private TagDictionary dictionary(DictionaryEncoding encoding, Layout values) {
        if (!values.isText()) {
            throw new ArrowFault("is a dictionary of other values than strings (expected: strings)");
        }
        TagDictionary known = dictionaries.get(encoding.id());
        if (known == null) {
            known = new TagDictionary(encoding.id(), values, memory);
            dictionaries.put(encoding.id(), known);
        } else if (known.layout() != values) {
            throw new ArrowFault("shares dictionary " + encoding.id() + " with a column of another type");
        }
        return known;
    }

    private @Nullable ColumnType storedType(String name) {
        Column known = stored == null ? null : stored.find(name);
        if (known != null) {
            return known.type();
        }
        newColumns++;
        int limit = options.limits().maxColumns();
        if (newColumns + (stored == null ? 0 : stored.columns().size()) > limit) {
            throw new ArrowFault("is one column too many (expected: at most " + limit + ")");
        }
        return null;
    }

    private static String name(Field field, int index) {
        ByteBuffer utf8 = field.nameAsByteBuffer();
        if (utf8 == null || !utf8.hasRemaining()) {
            throw new ArrowFault("name of column " + index + " is empty");
        }
        // Looked at before it is decoded: many columns may share one name as long as the message.
        int length = Math.min(utf8.remaining(), 2 * Names.MAX_NAME_BYTES);
        byte[] bytes = new byte[length];
        utf8.get(bytes);
        if (length == utf8.position() + utf8.remaining() && Utf8.firstInvalid(bytes, 0, length) >= 0) {
            throw new ArrowFault("name of column " + index + " is not UTF-8");
        }
        return new String(bytes, UTF_8);
    }

    private static void checkName(String name) {
        String fault = Names.nameFault("column", name);
        if (fault == null && name.equals(MeasurementSchema.TIME_NANOS)) {
            fault = "column name \"" + name + "\" is reserved";
        }
        if (fault != null) {
            throw new ArrowFault(fault);
        }
    }
}
