package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.jspecify.annotations.Nullable;

/** Writers of values as JSON. */
final class JsonColumns {

    private JsonColumns() {}

    /** The writers of all columns of a result that has a batch. */
    static List<TextColumn> of(ResultCursor cursor) throws IOException {
        List<TextColumn> columns = new ArrayList<>();
        for (int i = 0; i < cursor.columnNames().size(); i++) {
            TextColumn loaded = LoadedColumn.of(cursor.batch().getVector(i), LoadedColumn.Form.JSON);
            columns.add(loaded == null ? of(cursor, i) : loaded);
        }
        return columns;
    }

    /** The writer of one column, counted from 0, of a result that has a batch. */
    static TextColumn of(ResultCursor cursor, int column) throws IOException {
        FieldVector vector = cursor.batch().getVector(column);
        return cursor.columnTypes().get(column).equals(ResultTypes.UHUGEINT)
                ? unsigned((DecimalVector) vector)
                : of(vector, cursor.dictionaries());
    }

    /** The writer of a vector's values, nulls included. */
    static TextColumn of(FieldVector vector, Map<Long, Dictionary> dictionaries) {
        if (vector instanceof NullVector) {
            return (out, row) -> out.nothing();
        }
        TextColumn value = vector.getField().getDictionary() == null
                ? values(vector, dictionaries)
                : dictionary(vector, dictionaries);
        return (out, row) -> {
            if (vector.isNull(row)) {
                out.nothing();
            } else {
                value.write(out, row);
            }
        };
    }

    private static TextColumn values(FieldVector vector, Map<Long, Dictionary> dictionaries) {
        if (vector instanceof Float8Vector doubles) {
            return (out, row) -> out.number(doubles.get(row));
        }
        if (vector instanceof BigIntVector longs) {
            return (out, row) -> out.wide(longs.get(row));
        }
        if (vector instanceof VarCharVector strings) {
            return (out, row) ->
                    out.string(strings.getDataBuffer(), strings.getStartOffset(row), strings.getEndOffset(row));
        }
        if (vector instanceof BitVector bits) {
            return (out, row) -> out.bool(bits.get(row) != 0);
        }
        if (vector instanceof Float4Vector floats) {
            return (out, row) -> out.number(floats.get(row));
        }
        if (vector instanceof UInt8Vector longs) {
            return (out, row) -> out.wide(Long.toUnsignedString(longs.get(row)));
        }
        if (vector instanceof DecimalVector decimals) {
            return (out, row) -> out.wide(decimals.getObject(row).toPlainString());
        }
        if (vector instanceof VarBinaryVector blobs) {
            return (out, row) -> {
                out.raw('"');
                out.raw(Base64.getEncoder().encode(blobs.get(row)));
                out.raw('"');
            };
        }
        TextColumn small = small(vector);
        if (small == null) {
            small = TemporalColumns.of(vector);
        }
        return small == null ? NestedColumns.of(vector, dictionaries) : small;
    }

    private static @Nullable TextColumn small(FieldVector vector) {
        if (vector instanceof IntVector ints) {
            return (out, row) -> out.number(ints.get(row));
        }
        if (vector instanceof SmallIntVector shorts) {
            return (out, row) -> out.number(shorts.get(row));
        }
        if (vector instanceof TinyIntVector tiny) {
            return (out, row) -> out.number(tiny.get(row));
        }
        if (vector instanceof UInt4Vector ints) {
            return (out, row) -> out.number(Integer.toUnsignedLong(ints.get(row)));
        }
        if (vector instanceof UInt2Vector shorts) {
            return (out, row) -> out.number((long) shorts.get(row));
        }
        if (vector instanceof UInt1Vector tiny) {
            return (out, row) -> out.number(Byte.toUnsignedLong(tiny.get(row)));
        }
        return null;
    }

    private static TextColumn unsigned(DecimalVector decimals) {
        return (out, row) -> {
            if (decimals.isNull(row)) {
                out.nothing();
                return;
            }
            out.wide(ResultTypes.unsigned(decimals, row).toString());
        };
    }

    private static TextColumn dictionary(FieldVector vector, Map<Long, Dictionary> dictionaries) {
        Dictionary dictionary = dictionaryOf(vector, dictionaries);
        return (out, row) -> {
            VarCharVector words = words(dictionary);
            int code = code(vector, row);
            out.string(words.getDataBuffer(), words.getStartOffset(code), words.getEndOffset(code));
        };
    }

    /** The dictionary of a coded vector. */
    static Dictionary dictionaryOf(FieldVector vector, Map<Long, Dictionary> dictionaries) {
        long id = vector.getField().getDictionary().getId();
        return Objects.requireNonNull(dictionaries.get(id), "a dictionary that was announced");
    }

    /** The words of a dictionary, which are refilled with each batch. */
    static VarCharVector words(Dictionary dictionary) {
        if (dictionary.getVector() instanceof VarCharVector words) {
            return words;
        }
        throw new IllegalStateException(
                "a dictionary of " + dictionary.getVector().getField());
    }

    /** The place in its dictionary of a coded value. */
    static int code(FieldVector vector, int row) {
        if (vector instanceof UInt1Vector tiny) {
            return Byte.toUnsignedInt(tiny.get(row));
        }
        if (vector instanceof UInt2Vector shorts) {
            return shorts.get(row);
        }
        return ((UInt4Vector) vector).get(row);
    }
}
