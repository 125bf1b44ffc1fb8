package io.weir.ingest.decode.arrow;

import io.weir.ingest.decode.Precision;
import java.util.Locale;
import org.apache.arrow.flatbuf.Date;
import org.apache.arrow.flatbuf.DateUnit;
import org.apache.arrow.flatbuf.DictionaryEncoding;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.FloatingPoint;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.TimeUnit;
import org.apache.arrow.flatbuf.Timestamp;
import org.apache.arrow.flatbuf.Type;
import org.jspecify.annotations.Nullable;

/** Reads what the schema message says of the type of a column. */
final class FieldTypes {

    private FieldTypes() {}

    /** How the values of that column lie in a batch; null for types that Weir does not store. */
    static @Nullable Layout layout(Field field) {
        return switch (field.typeType()) {
            case Type.Null -> Layout.NULL;
            case Type.Bool -> Layout.BOOLEAN;
            case Type.Int -> integer((Int) field.type(new Int()));
            case Type.FloatingPoint -> floating((FloatingPoint) field.type(new FloatingPoint()));
            case Type.Utf8 -> Layout.UTF8;
            case Type.LargeUtf8 -> Layout.LARGE_UTF8;
            case Type.Utf8View -> Layout.UTF8_VIEW;
            default -> null;
        };
    }

    private static @Nullable Layout integer(@Nullable Int type) {
        if (type == null) {
            return null;
        }
        return Layout.ofInteger(type.bitWidth(), type.isSigned());
    }

    private static @Nullable Layout floating(@Nullable FloatingPoint type) {
        if (type == null) {
            return null;
        }
        return switch (type.precision()) {
            case org.apache.arrow.flatbuf.Precision.HALF -> Layout.FLOAT16;
            case org.apache.arrow.flatbuf.Precision.SINGLE -> Layout.FLOAT32;
            case org.apache.arrow.flatbuf.Precision.DOUBLE -> Layout.FLOAT64;
            default -> null;
        };
    }

    /** How indexes into that dictionary lie in a batch: signed 32-bit integers unless it says otherwise. */
    static Layout indexes(DictionaryEncoding encoding) {
        Int type = encoding.indexType();
        Layout layout = type == null ? Layout.INT32 : Layout.ofInteger(type.bitWidth(), type.isSigned());
        if (layout == null) {
            throw new ArrowFault("has indexes that are no integers of 8, 16, 32 or 64 bits");
        }
        return layout;
    }

    /** The unit of the times in that column, if its type says one: timestamp, or date in milliseconds. */
    static @Nullable Precision timeUnit(Field field) {
        if (field.typeType() == Type.Timestamp) {
            Timestamp type = (Timestamp) field.type(new Timestamp());
            return type == null ? null : unit(type.unit());
        }
        if (field.typeType() == Type.Date) {
            Date type = (Date) field.type(new Date());
            return type != null && type.unit() == DateUnit.MILLISECOND ? Precision.MILLISECOND : null;
        }
        return null;
    }

    private static @Nullable Precision unit(short unit) {
        return switch (unit) {
            case TimeUnit.SECOND -> Precision.SECOND;
            case TimeUnit.MILLISECOND -> Precision.MILLISECOND;
            case TimeUnit.MICROSECOND -> Precision.MICROSECOND;
            case TimeUnit.NANOSECOND -> Precision.NANOSECOND;
            default -> null;
        };
    }

    /** What the type of that column is called, for messages. */
    static String noun(Field field) {
        int type = field.typeType();
        String noun = type < 0 || type >= Type.names.length
                ? "type " + type
                : Type.names[type].replace("_", "").toLowerCase(Locale.ROOT);
        Layout layout = layout(field);
        if (layout != null && layout.width > 0) {
            noun = layout.name().toLowerCase(Locale.ROOT);
        }
        return field.dictionary() == null ? noun : "a dictionary of " + noun;
    }
}
