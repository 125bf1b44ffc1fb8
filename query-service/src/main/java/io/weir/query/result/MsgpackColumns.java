package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/** Writers of values as MessagePack. */
final class MsgpackColumns {

    private MsgpackColumns() {}

    /** The writers of all columns of a result that has a batch. */
    static List<MsgpackColumn> of(ResultCursor cursor) throws IOException {
        List<FieldVector> vectors = cursor.batch().getFieldVectors();
        List<MsgpackColumn> columns = new ArrayList<>();
        for (int i = 0; i < vectors.size(); i++) {
            FieldVector vector = vectors.get(i);
            columns.add(
                    switch (cursor.columnTypes().get(i)) {
                        case ResultTypes.UHUGEINT -> unsigned((DecimalVector) vector);
                        case "HUGEINT" -> signed((DecimalVector) vector);
                        default -> of(vector, cursor.dictionaries());
                    });
        }
        return columns;
    }

    private static MsgpackColumn unsigned(DecimalVector decimals) {
        MsgpackColumn value = (out, row) -> out.integer(ResultTypes.unsigned(decimals, row));
        return value.orNil(decimals);
    }

    private static MsgpackColumn signed(DecimalVector decimals) {
        MsgpackColumn value = (out, row) -> out.integer(decimals.getObject(row).unscaledValue());
        return value.orNil(decimals);
    }

    private static MsgpackColumn of(FieldVector vector, Map<Long, Dictionary> dictionaries) {
        if (vector instanceof NullVector) {
            return (out, row) -> out.nil();
        }
        if (vector.getField().getDictionary() != null) {
            Dictionary dictionary = JsonColumns.dictionaryOf(vector, dictionaries);
            MsgpackColumn word =
                    (out, row) -> string(out, JsonColumns.words(dictionary), JsonColumns.code(vector, row));
            return word.orNil(vector);
        }
        MsgpackColumn value = number(vector);
        if (value == null) {
            value = text(vector);
        }
        return (value == null ? nested(vector, dictionaries) : value).orNil(vector);
    }

    private static @Nullable MsgpackColumn number(FieldVector vector) {
        if (vector instanceof Float8Vector doubles) {
            return (out, row) -> out.float64(doubles.get(row));
        }
        if (vector instanceof BigIntVector longs) {
            return (out, row) -> out.integer(longs.get(row));
        }
        if (vector instanceof IntVector ints) {
            return (out, row) -> out.integer(ints.get(row));
        }
        if (vector instanceof BitVector bits) {
            return (out, row) -> out.bool(bits.get(row) != 0);
        }
        if (vector instanceof Float4Vector floats) {
            return (out, row) -> out.float32(floats.get(row));
        }
        if (vector instanceof SmallIntVector shorts) {
            return (out, row) -> out.integer(shorts.get(row));
        }
        if (vector instanceof TinyIntVector tiny) {
            return (out, row) -> out.integer(tiny.get(row));
        }
        if (vector instanceof UInt8Vector longs) {
            return (out, row) -> out.unsigned(longs.get(row));
        }
        if (vector instanceof UInt4Vector ints) {
            return (out, row) -> out.unsigned(Integer.toUnsignedLong(ints.get(row)));
        }
        if (vector instanceof UInt2Vector shorts) {
            return (out, row) -> out.unsigned(shorts.get(row));
        }
        if (vector instanceof UInt1Vector tiny) {
            return (out, row) -> out.unsigned(Byte.toUnsignedLong(tiny.get(row)));
        }
        return null;
    }

    private static @Nullable MsgpackColumn text(FieldVector vector) {
        if (vector instanceof VarCharVector strings) {
            return (out, row) -> string(out, strings, row);
        }
        if (vector instanceof VarBinaryVector blobs) {
            return (out, row) -> out.binary(blobs.get(row));
        }
        if (vector instanceof DecimalVector decimals) {
            return (out, row) -> out.string(decimals.getObject(row).toPlainString());
        }
        TextColumn temporal = TemporalColumns.of(vector);
        if (temporal == null) {
            return null;
        }
        MsgpackColumn text = quoted(temporal);
        return vector instanceof TimeStampVector stamps ? timestamp(stamps, text) : text;
    }

    /** What another form writes as a string without escapes. */
    private static MsgpackColumn quoted(TextColumn column) {
        TextBytes text = new TextBytes(64);
        return (out, row) -> {
            text.clear();
            column.write(text, row);
            out.string(text.array(), 1, text.size() - 1);
        };
    }

    private static MsgpackColumn timestamp(TimeStampVector stamps, MsgpackColumn text) {
        ArrowType.Timestamp type = (ArrowType.Timestamp) stamps.getField().getType();
        long unitsASecond = TemporalColumns.unitsASecond(type.getUnit());
        long nanosAUnit = 1_000_000_000 / unitsASecond;
        return (out, row) -> {
            long value = stamps.get(row);
            if (TemporalColumns.isInfinite(value)) {
                text.write(out, row);
            } else {
                int nanos = (int) (Math.floorMod(value, unitsASecond) * nanosAUnit);
                out.timestamp(Math.floorDiv(value, unitsASecond), nanos);
            }
        };
    }

    private static void string(MsgpackBytes out, VarCharVector strings, int row) {
        out.string(strings.getDataBuffer(), strings.getStartOffset(row), strings.getEndOffset(row));
    }

    private static MsgpackColumn nested(FieldVector vector, Map<Long, Dictionary> dictionaries) {
        if (vector instanceof MapVector map) {
            return map(map, dictionaries);
        }
        if (vector instanceof ListVector list) {
            MsgpackColumn item = of(list.getDataVector(), dictionaries);
            return (out, row) -> list(out, item, list.getElementStartIndex(row), list.getElementEndIndex(row));
        }
        if (vector instanceof FixedSizeListVector array) {
            MsgpackColumn item = of(array.getDataVector(), dictionaries);
            int size = array.getListSize();
            return (out, row) -> list(out, item, row * size, (row + 1) * size);
        }
        if (vector instanceof StructVector struct) {
            return struct(struct, dictionaries);
        }
        if (vector instanceof UnionVector union) {
            return (out, row) ->
                    of((FieldVector) union.getVector(row), dictionaries).write(out, row);
        }
        throw new IllegalStateException("no MessagePack form for " + vector.getField());
    }

    private static void list(MsgpackBytes out, MsgpackColumn item, int from, int to) {
        out.array(to - from);
        for (int i = from; i < to; i++) {
            item.write(out, i);
        }
    }

    private static MsgpackColumn struct(StructVector struct, Map<Long, Dictionary> dictionaries) {
        List<FieldVector> children = struct.getChildrenFromFields();
        List<MsgpackColumn> columns = new ArrayList<>();
        for (FieldVector child : children) {
            columns.add(of(child, dictionaries));
        }
        return (out, row) -> {
            out.map(columns.size());
            for (int i = 0; i < columns.size(); i++) {
                out.string(children.get(i).getName());
                columns.get(i).write(out, row);
            }
        };
    }

    private static MsgpackColumn map(MapVector map, Map<Long, Dictionary> dictionaries) {
        StructVector entries = (StructVector) map.getDataVector();
        MsgpackColumn keys = of(entries.getChildrenFromFields().get(0), dictionaries);
        MsgpackColumn values = of(entries.getChildrenFromFields().get(1), dictionaries);
        return (out, row) -> {
            int from = map.getElementStartIndex(row);
            int to = map.getElementEndIndex(row);
            out.map(to - from);
            for (int i = from; i < to; i++) {
                keys.write(out, i);
                values.write(out, i);
            }
        };
    }
}
