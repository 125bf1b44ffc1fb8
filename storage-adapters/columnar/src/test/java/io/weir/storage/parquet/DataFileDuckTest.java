package io.weir.storage.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How queries read data files: large ones, and several with different columns as one table. */
class DataFileDuckTest {

    private static final Column HOST = new Column("host", ColumnType.TAG);
    private static final Column HOST_UPPER = new Column("HOST", ColumnType.TAG);
    private static final Column INTEGER = new Column("i", ColumnType.INT64);
    private static final Column UNSIGNED = new Column("u", ColumnType.UINT64);
    private static final Column NEVER = new Column("never", ColumnType.BOOLEAN);
    private static final Column FLOAT = new Column("d", ColumnType.FLOAT64);

    @TempDir
    Path folder;

    @Test
    void severalRowGroupsOfManySeriesAreSortedAndComplete() throws Exception {
        int rows = 300_000;
        int series = 500;
        long[] times = new long[rows];
        int[] seriesOfRow = new int[rows];
        long[] integers = new long[rows];
        double[] doubles = new double[rows];
        for (int row = 0; row < rows; row++) {
            times[row] = 1_000_000L * (row / series) - 7_200_000_000L;
            seriesOfRow[row] = row % series;
            integers[row] = row;
            doubles[row] = row % 100;
        }
        ColumnBatch batch = new ColumnBatch(
                "m",
                rows,
                times,
                null,
                hosts(series),
                seriesOfRow,
                List.of(new LongColumn("i", ColumnType.INT64, integers, null), new DoubleColumn("d", doubles, null)));
        MeasurementSchema schema = MeasurementSchema.of(List.of(HOST, INTEGER, FLOAT), false);
        Path file = folder.resolve("large.parquet");

        DataFileStats stats = new DataFileWriter(DataFileOptions.DEFAULT)
                .write(SortedRows.all(schema, List.of(batch)), file, Map.of());

        assertThat(stats.rowGroups()).isEqualTo(3);
        assertThat(stats.bytes()).isLessThan(rows * 5L);
        try (DuckReader duck = new DuckReader()) {
            assertThat(duck.query("SELECT count(*), sum(i)::BIGINT, sum(d)::BIGINT, count(DISTINCT host) FROM "
                            + DuckReader.table(file)))
                    .containsExactly(List.of(300_000L, 300_000L * 299_999 / 2, 3_000L * 4950, 500L));
            assertThat(duck.value(
                            "SELECT count(*) FROM (SELECT (host, time) AS key, lag((host, time)) OVER () AS before"
                                    + " FROM " + DuckReader.table(file) + ") WHERE before >= key"))
                    .isEqualTo(0L);
            assertThat(duck.value("SELECT count(*) FROM " + DuckReader.table(file) + " WHERE host = 'h7'"))
                    .isEqualTo(600L);
        }
    }

    // LESSONS 35: the schema is the measurement's, not the file's
    @Test
    void filesWithDifferentColumnsReadAsOneTableByFieldId() throws Exception {
        List<Column> columns = List.of(HOST, INTEGER, HOST_UPPER, UNSIGNED, NEVER);
        MeasurementSchema schema = MeasurementSchema.of(columns, true);
        Path first =
                write("a", MeasurementSchema.of(List.of(HOST, INTEGER), false), Point.at(10, "host", "a", "i", 1L));
        Path second = write("b", schema, Point.at(20, "HOST", "b", "u", -1L), Point.at(30, "host", "c", "i", 3L));
        String table = "read_parquet(['" + first + "', '" + second + "'], schema = " + schemaOf(schema) + ")";

        try (DuckReader duck = new DuckReader()) {
            assertThat(duck.query("SELECT epoch_us(time), * EXCLUDE (time) FROM " + table + " ORDER BY time")
                            .toString())
                    .isEqualTo("[[10, 0, a, 1, null, null, null], [20, 0, null, null, b, -1, null],"
                            + " [30, 0, c, 3, null, null, null]]");
            assertThat(duck.query("SELECT host_1 FROM " + table + " WHERE u = 18446744073709551615"))
                    .containsExactly(List.of("b"));
            assertThat(duck.value("SELECT count(*) FROM " + table + " WHERE never IS NULL AND i IS NOT NULL"))
                    .isEqualTo(2L);
            assertThat(duck.value("SELECT count(never) + count(*) FILTER (never) FROM " + table))
                    .isEqualTo(0L);
            assertThat(duck.value(
                            "SELECT count(*) FROM " + table + " WHERE time >= 'epoch'::TIMESTAMPTZ + INTERVAL '25 us'"))
                    .isEqualTo(1L);
        }
    }

    private static String schemaOf(MeasurementSchema schema) {
        StringBuilder map = new StringBuilder("MAP {");
        field(map, MeasurementSchema.TIME_FIELD_ID, MeasurementSchema.TIME, "TIMESTAMP WITH TIME ZONE", "NULL");
        field(map, MeasurementSchema.TIME_NANOS_FIELD_ID, MeasurementSchema.TIME_NANOS, "SMALLINT", "0");
        for (int i = 0; i < schema.columns().size(); i++) {
            String type = schema.columns().get(i).type().sqlType();
            field(map, MeasurementSchema.FIRST_FIELD_ID + i, schema.queryNames().get(i), type, "NULL");
        }
        return map.append('}').toString();
    }

    private static void field(StringBuilder map, int id, String name, String type, String defaultValue) {
        map.append(id == MeasurementSchema.TIME_FIELD_ID ? "" : ", ")
                .append(id)
                .append(": {name: '")
                .append(name)
                .append("', type: '")
                .append(type)
                .append("', default_value: ")
                .append(defaultValue)
                .append('}');
    }

    private Path write(String name, MeasurementSchema schema, Point... points) {
        SortedRows rows = SortedRows.all(schema, List.of(PointBatches.of(schema.columns(), List.of(points))));
        Path file = folder.resolve(name + ".parquet");
        new DataFileWriter(DataFileOptions.DEFAULT).write(rows, file, Map.of());
        return file;
    }

    private static SeriesTable hosts(int count) {
        String[] names = new String[count];
        int[] codes = new int[count];
        for (int i = 0; i < count; i++) {
            names[i] = "h" + i;
            codes[i] = i;
        }
        return new SeriesTable(
                count, List.of("host"), new int[][] {codes}, new Utf8Dictionary[] {Utf8Dictionary.of(names)});
    }
}
