package io.weir.storage.duckdb;

import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Hand-made batches for tests. */
final class Batches {

    static final MeasurementSchema SCHEMA = MeasurementSchema.of(
            List.of(
                    new Column("host", ColumnType.TAG),
                    new Column("v", ColumnType.FLOAT64),
                    new Column("n", ColumnType.INT64),
                    new Column("u", ColumnType.UINT64),
                    new Column("s", ColumnType.STRING),
                    new Column("b", ColumnType.BOOLEAN),
                    new Column("later", ColumnType.STRING)),
            true);

    private Batches() {}

    /** Two rows with every type, the second with nothing but a time; {@code later} is missing. */
    static ColumnBatch everyType() {
        long[] first = {1L};
        byte[] text = "é\"x".getBytes(StandardCharsets.UTF_8);
        return new ColumnBatch(
                "m",
                2,
                new long[] {1_000_001L, -1L},
                new short[] {999, 0},
                new SeriesTable(2, List.of("host"), new int[][] {{0, SeriesTable.ABSENT}}, new Utf8Dictionary[] {
                    Utf8Dictionary.of("a")
                }),
                new int[] {0, 1},
                List.of(
                        new DoubleColumn("v", new double[] {1.5, 0}, first),
                        new LongColumn("n", ColumnType.INT64, new long[] {Long.MIN_VALUE, 0}, first),
                        new LongColumn("u", ColumnType.UINT64, new long[] {-1L, 0}, first),
                        new StringColumn("s", new int[] {0, text.length, text.length}, text, first),
                        new BooleanColumn("b", new long[] {1}, first)));
    }

    /** Five rows whose string {@code s} is coded: a, b, a, null, b. */
    static ColumnBatch codedStrings() {
        return new ColumnBatch(
                "m",
                5,
                new long[] {0, 1, 2, 3, 4},
                null,
                new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]),
                new int[5],
                List.of(new StringColumn(
                        "s", Utf8Dictionary.of("a", "b"), new int[] {0, 1, 0, 0, 1}, new long[] {23})));
    }

    /** {@code rows} rows, a second apart from {@code start} seconds on, with tag {@code host} and {@code v} as an integer. */
    static ColumnBatch numbered(int start, int rows) {
        long[] times = new long[rows];
        long[] values = new long[rows];
        int[] series = new int[rows];
        for (int i = 0; i < rows; i++) {
            times[i] = (start + i) * 1_000_000L;
            values[i] = start + i;
            series[i] = i % 2;
        }
        return new ColumnBatch(
                "m",
                rows,
                times,
                null,
                new SeriesTable(
                        2, List.of("host"), new int[][] {{0, 1}}, new Utf8Dictionary[] {Utf8Dictionary.of("a", "b")}),
                series,
                List.of(new LongColumn("v", ColumnType.INT64, values, null)));
    }
}
