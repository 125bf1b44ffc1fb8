package io.weir.storage.parquet;

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
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes batches of points the slow and obvious way. */
final class PointBatches {

    static final String MEASUREMENT = "cpu \"ü\"";

    private PointBatches() {}

    /** A batch of those points; a column without a value is left out, as decoders do. */
    static ColumnBatch of(List<Column> columns, List<Point> points) {
        List<Column> present = columns.stream()
                .filter(column -> points.stream().anyMatch(point -> value(point, column) != null))
                .toList();
        List<Column> tags = present.stream()
                .filter(column -> column.type() == ColumnType.TAG)
                .toList();
        List<List<Object>> series = new ArrayList<>();
        int[] seriesOfRow = new int[points.size()];
        for (int row = 0; row < points.size(); row++) {
            Point point = points.get(row);
            List<Object> key = new ArrayList<>();
            tags.forEach(tag -> key.add(value(point, tag)));
            if (!series.contains(key)) {
                series.add(key);
            }
            seriesOfRow[row] = series.indexOf(key);
        }
        List<FieldColumn> fields = new ArrayList<>();
        for (Column column : present) {
            if (column.type() != ColumnType.TAG) {
                fields.add(field(column, points));
            }
        }
        boolean hasNanos = points.stream().anyMatch(point -> point.nanos() != 0);
        short[] nanos = new short[points.size()];
        for (int row = 0; row < nanos.length; row++) {
            nanos[row] = (short) points.get(row).nanos();
        }
        return new ColumnBatch(
                MEASUREMENT,
                points.size(),
                points.stream().mapToLong(Point::timeMicros).toArray(),
                hasNanos ? nanos : null,
                table(tags, series),
                seriesOfRow,
                fields);
    }

    private static SeriesTable table(List<Column> tags, List<List<Object>> series) {
        int[][] codes = new int[tags.size()][series.size()];
        Utf8Dictionary[] dictionaries = new Utf8Dictionary[tags.size()];
        for (int tag = 0; tag < tags.size(); tag++) {
            List<String> values = new ArrayList<>();
            for (int s = 0; s < series.size(); s++) {
                String value = (String) series.get(s).get(tag);
                if (value != null && !values.contains(value)) {
                    values.add(value);
                }
                codes[tag][s] = value == null ? SeriesTable.ABSENT : values.indexOf(value);
            }
            dictionaries[tag] = Utf8Dictionary.of(values.toArray(String[]::new));
        }
        return new SeriesTable(series.size(), tags.stream().map(Column::name).toList(), codes, dictionaries);
    }

    private static FieldColumn field(Column column, List<Point> points) {
        int rows = points.size();
        long[] validity = new long[Bits.words(rows)];
        long[] longs = new long[rows];
        double[] doubles = new double[rows];
        long[] bits = new long[Bits.words(rows)];
        int[] offsets = new int[rows + 1];
        ByteArrayOutputStream strings = new ByteArrayOutputStream();
        for (int row = 0; row < rows; row++) {
            Object value = value(points.get(row), column);
            if (value != null) {
                Bits.set(validity, row);
            }
            if (value instanceof Long number) {
                longs[row] = number;
            } else if (value instanceof Double number) {
                doubles[row] = number;
            } else if (value instanceof Boolean flag && flag) {
                Bits.set(bits, row);
            } else if (value instanceof String text) {
                strings.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            }
            offsets[row + 1] = strings.size();
        }
        long[] nullable = Bits.cardinality(validity, rows) == rows ? null : validity;
        String name = column.name();
        return switch (column.type()) {
            case INT64, UINT64 -> new LongColumn(name, column.type(), longs, nullable);
            case FLOAT64 -> new DoubleColumn(name, doubles, nullable);
            case BOOLEAN -> new BooleanColumn(name, bits, nullable);
            case STRING ->
                rows % 2 == 0
                        ? new StringColumn(name, offsets, strings.toByteArray(), nullable)
                        : coded(column, points, nullable);
            case TAG -> throw new IllegalArgumentException("a tag is no field: " + Arrays.toString(offsets));
        };
    }

    private static StringColumn coded(Column column, List<Point> points, long @Nullable [] validity) {
        List<String> texts = new ArrayList<>();
        int[] codes = new int[points.size()];
        for (int row = 0; row < codes.length; row++) {
            String text = Objects.requireNonNullElse((String) value(points.get(row), column), "");
            if (!texts.contains(text)) {
                texts.add(text);
            }
            codes[row] = texts.indexOf(text);
        }
        return new StringColumn(column.name(), Utf8Dictionary.of(texts.toArray(new String[0])), codes, validity);
    }

    private static @Nullable Object value(Point point, Column column) {
        return point.values().get(column.name());
    }
}
