package io.weir.query.result;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import io.weir.storage.duckdb.ResultCursor;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.jspecify.annotations.Nullable;

/** Writes the value of one column at a row as JSON. Bound to the vectors of one result; not thread-safe. */
@FunctionalInterface
interface JsonColumn {

    /** Types whose bytes Arrow carries without what is needed to read them. */
    Set<String> WITHOUT_FORM = Set.of("BIT", "BIGNUM", "VARIANT", "GEOMETRY", "TIME WITH TIME ZONE");

    BigInteger TWO_TO_128 = BigInteger.ONE.shiftLeft(128);

    void write(JsonBytes out, int row);

    /** The writers of all columns of a result that has a batch. @throws WeirException {@code result-type} */
    static List<JsonColumn> of(ResultCursor cursor) throws IOException {
        List<FieldVector> vectors = cursor.batch().getFieldVectors();
        Map<Long, Dictionary> dictionaries = cursor.dictionaries();
        List<JsonColumn> columns = new ArrayList<>();
        for (int i = 0; i < vectors.size(); i++) {
            String type = cursor.columnTypes().get(i);
            if (WITHOUT_FORM.contains(type)) {
                throw unsupported(cursor.columnNames().get(i), type);
            }
            FieldVector vector = vectors.get(i);
            columns.add(type.equals("UHUGEINT") ? unsigned((DecimalVector) vector) : of(vector, dictionaries));
        }
        return columns;
    }

    /** The writer of a vector's values, nulls included. */
    static JsonColumn of(FieldVector vector, Map<Long, Dictionary> dictionaries) {
        if (vector instanceof NullVector) {
            return (out, row) -> out.nothing();
        }
        JsonColumn value = vector.getField().getDictionary() == null
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

    private static JsonColumn values(FieldVector vector, Map<Long, Dictionary> dictionaries) {
        if (vector instanceof Float8Vector doubles) {
            return (out, row) -> out.number(doubles.get(row));
        }
        if (vector instanceof BigIntVector longs) {
            return (out, row) -> out.number(longs.get(row));
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
            return (out, row) -> out.raw(Long.toUnsignedString(longs.get(row)));
        }
        if (vector instanceof DecimalVector decimals) {
            return (out, row) -> out.raw(decimals.getObject(row).toPlainString());
        }
        if (vector instanceof VarBinaryVector blobs) {
            return (out, row) -> {
                out.raw('"');
                out.raw(Base64.getEncoder().encode(blobs.get(row)));
                out.raw('"');
            };
        }
        JsonColumn small = small(vector);
        if (small == null) {
            small = TemporalColumns.of(vector);
        }
        return small == null ? NestedColumns.of(vector, dictionaries) : small;
    }

    private static @Nullable JsonColumn small(FieldVector vector) {
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

    private static JsonColumn unsigned(DecimalVector decimals) {
        return (out, row) -> {
            if (decimals.isNull(row)) {
                out.nothing();
                return;
            }
            BigInteger value = decimals.getObject(row).unscaledValue();
            out.raw((value.signum() < 0 ? value.add(TWO_TO_128) : value).toString());
        };
    }

    private static JsonColumn dictionary(FieldVector vector, Map<Long, Dictionary> dictionaries) {
        long id = vector.getField().getDictionary().getId();
        Dictionary dictionary = Objects.requireNonNull(dictionaries.get(id), "a dictionary that was announced");
        return (out, row) -> {
            ValueVector words = dictionary.getVector(); // refilled with each batch
            if (words instanceof VarCharVector strings) {
                int code = code(vector, row);
                out.string(strings.getDataBuffer(), strings.getStartOffset(code), strings.getEndOffset(code));
            } else {
                throw new IllegalStateException("a dictionary of " + words.getField());
            }
        };
    }

    private static int code(FieldVector vector, int row) {
        if (vector instanceof UInt1Vector tiny) {
            return Byte.toUnsignedInt(tiny.get(row));
        }
        if (vector instanceof UInt2Vector shorts) {
            return shorts.get(row);
        }
        return ((UInt4Vector) vector).get(row);
    }

    private static WeirException unsupported(String column, String type) {
        return new WeirException(
                QueryError.RESULT_TYPE,
                "column " + column + " is " + type + ", which JSON has no form for (cast it to VARCHAR)",
                Map.of("column", column, "type", type));
    }
}
