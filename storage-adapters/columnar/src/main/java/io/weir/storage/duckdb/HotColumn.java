package io.weir.storage.duckdb;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.duckdb.DuckDBWritableVector;
import org.jspecify.annotations.Nullable;

/** Copies a range of rows of one column of a batch into a vector of the engine, from its first row on. */
@FunctionalInterface
interface HotColumn {

    /** Writes rows {@code [from, from + count)} to rows {@code [0, count)} of {@code out}. */
    void copy(DuckDBWritableVector out, int from, int count);

    /** A column that the batch lacks. */
    HotColumn ABSENT = (out, from, count) -> {
        for (int i = 0; i < count; i++) {
            out.setNull(i);
        }
    };

    /** The batch's column of that name and type; an integer column of the batch widens to a float one. */
    static HotColumn of(Column column, ColumnBatch batch) {
        if (column.type() == ColumnType.TAG) {
            int tag = batch.series().tagNames().indexOf(column.name());
            return tag < 0 ? ABSENT : tag(batch, tag);
        }
        List<FieldColumn> fields = batch.fields();
        for (FieldColumn field : fields) {
            if (field.name().equals(column.name())) {
                return field(column, field);
            }
        }
        return ABSENT;
    }

    private static HotColumn field(Column column, FieldColumn field) {
        if (field instanceof LongColumn longs && column.type() == ColumnType.FLOAT64) {
            return widened(longs.values(), longs.validity());
        }
        if (field.type() != column.type()) {
            throw new IllegalStateException("column " + column.name() + " is "
                    + field.type().noun() + " in a batch and " + column.type().noun() + " in its schema");
        }
        if (field instanceof LongColumn longs) {
            return column.type() == ColumnType.UINT64
                    ? unsigned(longs.values(), longs.validity())
                    : longs(longs.values(), longs.validity());
        }
        if (field instanceof DoubleColumn doubles) {
            return doubles(doubles.values(), doubles.validity());
        }
        if (field instanceof BooleanColumn booleans) {
            return booleans(booleans.bits(), booleans.validity());
        }
        return strings((StringColumn) field);
    }

    static HotColumn longs(long[] values, long @Nullable [] validity) {
        return (out, from, count) -> {
            for (int i = 0; i < count; i++) {
                if (isValid(validity, from + i)) {
                    out.setLong(i, values[from + i]);
                } else {
                    out.setNull(i);
                }
            }
        };
    }

    static HotColumn nanos(short @Nullable [] nanos) {
        return (out, from, count) -> {
            for (int i = 0; i < count; i++) {
                out.setShort(i, nanos == null ? 0 : nanos[from + i]);
            }
        };
    }

    private static HotColumn unsigned(long[] values, long @Nullable [] validity) {
        return (out, from, count) -> {
            for (int i = 0; i < count; i++) {
                if (isValid(validity, from + i)) {
                    out.setUint64(i, unsignedValue(values[from + i]));
                } else {
                    out.setNull(i);
                }
            }
        };
    }

    private static BigInteger unsignedValue(long bits) {
        return bits >= 0 ? BigInteger.valueOf(bits) : new BigInteger(Long.toUnsignedString(bits));
    }

    private static HotColumn widened(long[] values, long @Nullable [] validity) {
        return (out, from, count) -> {
            for (int i = 0; i < count; i++) {
                if (isValid(validity, from + i)) {
                    out.setDouble(i, (double) values[from + i]);
                } else {
                    out.setNull(i);
                }
            }
        };
    }

    private static HotColumn doubles(double[] values, long @Nullable [] validity) {
        return (out, from, count) -> {
            for (int i = 0; i < count; i++) {
                if (isValid(validity, from + i)) {
                    out.setDouble(i, values[from + i]);
                } else {
                    out.setNull(i);
                }
            }
        };
    }

    private static HotColumn booleans(long[] bits, long @Nullable [] validity) {
        return (out, from, count) -> {
            for (int i = 0; i < count; i++) {
                if (isValid(validity, from + i)) {
                    out.setBoolean(i, Bits.get(bits, from + i));
                } else {
                    out.setNull(i);
                }
            }
        };
    }

    private static HotColumn strings(StringColumn column) {
        int[] codes = column.codes();
        if (codes != null) {
            byte[][] entries = entries(column.texts());
            return (out, from, count) -> {
                byte[][] values = new byte[count][];
                for (int i = 0; i < count; i++) {
                    values[i] = column.isNull(from + i) ? null : entries[codes[from + i]];
                }
                out.setStringUtf8Batch(0, values);
            };
        }
        return (out, from, count) -> {
            byte[][] values = new byte[count][];
            for (int i = 0; i < count; i++) {
                if (!column.isNull(from + i)) {
                    values[i] = Arrays.copyOfRange(column.bytes(), column.start(from + i), column.end(from + i));
                }
            }
            out.setStringUtf8Batch(0, values);
        };
    }

    /** The entries, each cut out once and not once a row. */
    private static byte[][] entries(Utf8Dictionary dictionary) {
        byte[][] entries = new byte[dictionary.size()][];
        for (int code = 0; code < entries.length; code++) {
            entries[code] = Arrays.copyOfRange(dictionary.bytes(), dictionary.start(code), dictionary.end(code));
        }
        return entries;
    }

    private static HotColumn tag(ColumnBatch batch, int tag) {
        SeriesTable series = batch.series();
        byte[][] entries = entries(series.dictionary(tag));
        int[] codes = series.codes(tag);
        int[] seriesOfRow = batch.seriesOfRow();
        return (out, from, count) -> {
            byte[][] values = new byte[count][];
            for (int i = 0; i < count; i++) {
                int code = codes[seriesOfRow[from + i]];
                values[i] = code == SeriesTable.ABSENT ? null : entries[code];
            }
            out.setStringUtf8Batch(0, values);
        };
    }

    private static boolean isValid(long @Nullable [] validity, int row) {
        return validity == null || Bits.get(validity, row);
    }
}
