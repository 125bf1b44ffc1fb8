package io.weir.storage.parquet;

import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One row as a test sees it: values by column name; a missing name is a null. Integers of both kinds are {@code Long}. */
public record Point(long timeMicros, int nanos, Map<String, Object> values) {

    static Point at(long timeMicros, Object... namesAndValues) {
        Map<String, Object> values = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return new Point(timeMicros, 0, values);
    }

    /** Cells as a reader of the file must see them: time, nanoseconds when {@code hasNanos}, then every column. */
    List<Object> cells(List<Column> columns, boolean hasNanos) {
        Object[] cells = new Object[columns.size() + (hasNanos ? 2 : 1)];
        cells[0] = timeMicros;
        if (hasNanos) {
            cells[1] = nanos;
        }
        for (int i = 0; i < columns.size(); i++) {
            Object value = values.get(columns.get(i).name());
            cells[cells.length - columns.size() + i] =
                    value instanceof Double number ? "bits " + Double.doubleToLongBits(number) : value;
        }
        return Arrays.asList(cells);
    }

    /** The order of rows in a data file, written as plainly as possible. A stable sort by it keeps arrival order. */
    static Comparator<Point> order(List<Column> columns) {
        Comparator<Point> order = (a, b) -> 0;
        for (Column column : columns) {
            if (column.type() == ColumnType.TAG) {
                order = order.thenComparing(
                        point -> (String) point.values().get(column.name()), Comparator.nullsFirst(Point::byUtf8));
            }
        }
        return order.thenComparingLong(Point::timeMicros).thenComparingInt(Point::nanos);
    }

    static int byUtf8(String a, String b) {
        return Arrays.compareUnsigned(
                a.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                b.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
