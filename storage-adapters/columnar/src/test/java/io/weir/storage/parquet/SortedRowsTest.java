package io.weir.storage.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Order and choice of rows. The order over random batches is in {@link DataFileRoundTripTest}. */
class SortedRowsTest {

    private static final List<Column> COLUMNS = List.of(
            new Column("b", ColumnType.TAG), new Column("v", ColumnType.INT64), new Column("a", ColumnType.TAG));
    private static final MeasurementSchema SCHEMA = MeasurementSchema.of(COLUMNS, true);

    @Test
    void tagsSortInSchemaOrderAbsentFirstThenTimeThenNanosThenArrival() {
        ColumnBatch first = PointBatches.of(
                COLUMNS,
                List.of(
                        Point.at(5, "b", "y", "v", 1L),
                        Point.at(9, "b", "x", "a", "q", "v", 2L),
                        new Point(
                                9, 500, Point.at(0, "b", "x", "a", "q", "v", 3L).values()),
                        Point.at(9, "a", "z", "v", 4L)));
        ColumnBatch second = PointBatches.of(
                COLUMNS,
                List.of(
                        Point.at(9, "b", "x", "a", "q", "v", 5L),
                        Point.at(9, "b", "x", "a", "q", "v", 6L),
                        Point.at(8, "b", "x", "v", 7L),
                        Point.at(1, "b", "x", "a", "q", "v", 8L),
                        Point.at(7, "v", 9L)));

        SortedRows rows = SortedRows.all(SCHEMA, List.of(first, second));

        assertThat(order(rows)).containsExactly(9L, 4L, 7L, 8L, 2L, 5L, 6L, 3L, 1L);
        assertThat(rows.rows()).isEqualTo(9);
        assertThat(rows.series()).isEqualTo(5);
        assertThat(rows.minTimeMicros()).isEqualTo(1);
        assertThat(rows.maxTimeMicros()).isEqualTo(9);
    }

    @Test
    void longRunsOutOfOrderStaySorted() {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            points.add(Point.at((i * 7919L) % 300, "v", (long) i));
        }
        ColumnBatch batch = PointBatches.of(COLUMNS, points);
        SortedRows rows = SortedRows.all(SCHEMA, List.of(batch));

        points.sort(Point.order(COLUMNS));
        assertThat(order(rows))
                .isEqualTo(points.stream().map(point -> point.values().get("v")).toList());
    }

    @Test
    void rangeIsHalfOpenAndForgetsWhatItDoesNotHold() {
        ColumnBatch batch = PointBatches.of(
                COLUMNS,
                List.of(
                        Point.at(10, "a", "in", "v", 1L),
                        Point.at(20, "a", "out", "b", "only outside"),
                        Point.at(9, "a", "before", "v", 3L)));

        SortedRows rows = SortedRows.between(SCHEMA, List.of(batch), 10, 20);

        assertThat(order(rows)).containsExactly(1L);
        assertThat(rows.has(COLUMNS.get(0))).as("a tag of other rows only").isFalse();
        assertThat(rows.table().dictionary(1).size()).isEqualTo(1);
        assertThat(SortedRows.between(SCHEMA, List.of(batch), 11, 20).rows()).isZero();
    }

    @Test
    void batchesThatShareASeriesTableWithUnusedSeriesMerge() {
        SeriesTable table = new SeriesTable(
                3, List.of("b"), new int[][] {{2, 0, 1}}, new Utf8Dictionary[] {Utf8Dictionary.of("p", "q", "r")});
        ColumnBatch one = new ColumnBatch("m", 1, new long[] {1}, null, table, new int[] {0}, List.of());
        ColumnBatch two = new ColumnBatch("m", 2, new long[] {1, 0}, null, table, new int[] {2, 0}, List.of());

        SortedRows rows = SortedRows.all(SCHEMA, List.of(one, two));

        assertThat(rows.series()).isEqualTo(2);
        assertThat(rows.times()).containsExactly(1, 0, 1);
        assertThat(rows.table().dictionary(0).get(1)).isEqualTo("r");
    }

    // LESSONS 22: a column of another type than the schema's never reaches a file
    @Test
    void batchesTheSchemaDoesNotCoverAreRefused() {
        ColumnBatch batch = PointBatches.of(
                COLUMNS, List.of(new Point(1, 1, Point.at(0, "v", 1L).values())));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SortedRows.all(MeasurementSchema.empty(), List.of(batch)))
                .withMessage("a batch has column \"v\" of type integer (expected: no such column)");
        MeasurementSchema other = MeasurementSchema.of(List.of(new Column("v", ColumnType.FLOAT64)), true);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SortedRows.all(other, List.of(batch)))
                .withMessage("a batch has column \"v\" of type integer (expected: float)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SortedRows.all(MeasurementSchema.of(COLUMNS, false), List.of(batch)))
                .withMessage("a batch has nanoseconds (expected: none, says the schema)");
        ColumnBatch stranger = new ColumnBatch(
                "other",
                1,
                new long[1],
                null,
                new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]),
                new int[1],
                List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SortedRows.all(SCHEMA, List.of(batch, stranger)))
                .withMessageStartingWith("batches of two measurements: ");
    }

    private static List<Long> order(SortedRows rows) {
        List<Long> values = new ArrayList<>();
        for (long ref : rows.refs()) {
            LongColumn column =
                    (LongColumn) rows.batches().get(RowRefs.batch(ref)).fields().get(0);
            values.add(column.values()[RowRefs.row(ref)]);
        }
        return values;
    }
}
