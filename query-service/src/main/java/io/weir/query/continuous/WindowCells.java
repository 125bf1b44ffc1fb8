package io.weir.query.continuous;

import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.math.BigDecimal;
import java.util.Map;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FloatingPointVector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the columns of a result: texts are tags, unless the destination has a string field of the name; integers,
 * floats and booleans are fields; integers become floats where the destination has floats.
 */
final class WindowCells {

    private final MeasurementSchema destination;

    /** @param destination columns that the destination has */
    WindowCells(MeasurementSchema destination) {
        this.destination = destination;
    }

    /**
     * The cell of a column.
     *
     * @param type the engine's name of its type
     * @throws WeirException {@code window-column} when it has a type or a name that cannot be written
     */
    WindowCell of(String name, String type, FieldVector vector) {
        String fault = name.equalsIgnoreCase(MeasurementSchema.TIME_NANOS)
                ? "the name time_nanos is reserved"
                : Names.nameFault("column", name);
        if (fault != null || name.isEmpty()) {
            throw refused(name, type, fault == null ? "it has no name" : fault);
        }
        if (vector instanceof VarCharVector texts) {
            return known(name) == ColumnType.STRING ? string(name, texts) : tag(name, texts);
        }
        if (vector instanceof BitVector bits) {
            return (row, batch, digest) -> {
                if (!bits.isNull(row)) {
                    digest.add(bits.get(row));
                    batch.setBoolean(batch.field(name, ColumnType.BOOLEAN), bits.get(row) != 0);
                }
            };
        }
        if (vector instanceof FloatingPointVector floats) {
            return number(name, vector, row -> floats.getValueAsDouble(row));
        }
        if (vector instanceof DecimalVector decimals) {
            return type.equals("HUGEINT") && known(name) != ColumnType.FLOAT64
                    ? integer(name, ColumnType.INT64, vector, row -> exact(name, type, decimals.getObject(row)))
                    : number(name, vector, row -> decimals.getObject(row).doubleValue());
        }
        if (vector instanceof BaseIntVector integers) {
            if (known(name) == ColumnType.FLOAT64) {
                return number(name, vector, row -> (double) integers.getValueAsLong(row));
            }
            ColumnType kind = vector instanceof UInt8Vector ? ColumnType.UINT64 : ColumnType.INT64;
            return integer(name, kind, vector, integers::getValueAsLong);
        }
        throw refused(name, type, "it is " + type);
    }

    private @Nullable ColumnType known(String name) {
        Column column = destination.find(name);
        return column == null ? null : column.type();
    }

    private static WindowCell tag(String name, VarCharVector texts) {
        return (row, batch, digest) -> {
            if (!texts.isNull(row) && texts.getValueLength(row) > 0) {
                byte[] utf8 = texts.get(row);
                digest.add(utf8);
                int tag = batch.series().tag(name);
                batch.series().stage(tag, batch.series().code(tag, utf8, 0, utf8.length));
            }
        };
    }

    private static WindowCell string(String name, VarCharVector texts) {
        return (row, batch, digest) -> {
            if (!texts.isNull(row)) {
                byte[] utf8 = texts.get(row);
                digest.add(utf8);
                batch.setString(batch.field(name, ColumnType.STRING), utf8, 0, utf8.length);
            }
        };
    }

    /** The value of a row that has one. */
    @FunctionalInterface
    private interface Doubles {
        double at(int row);
    }

    /** The value of a row that has one. */
    @FunctionalInterface
    private interface Longs {
        long at(int row);
    }

    private static WindowCell number(String name, FieldVector vector, Doubles values) {
        return (row, batch, digest) -> {
            if (!vector.isNull(row)) {
                double value = values.at(row);
                digest.add(Double.doubleToLongBits(value));
                batch.setDouble(batch.field(name, ColumnType.FLOAT64), value);
            }
        };
    }

    private static WindowCell integer(String name, ColumnType kind, FieldVector vector, Longs values) {
        return (row, batch, digest) -> {
            if (!vector.isNull(row)) {
                long value = values.at(row);
                digest.add(value);
                batch.setLong(batch.field(name, kind), value);
            }
        };
    }

    private static long exact(String name, String type, BigDecimal value) {
        try {
            return value.longValueExact();
        } catch (ArithmeticException e) {
            throw refused(name, type, "it holds " + value + ", which is no integer of 64 bits");
        }
    }

    static WeirException refused(String name, String type, String why) {
        return new WeirException(
                ContinuousError.WINDOW_COLUMN,
                "column \"" + Names.printable(name) + "\" cannot be written: " + why
                        + " (expected: a text, a boolean, an integer or a float; cast it)",
                Map.of("column", Names.printable(name), "type", type));
    }
}
