package io.weir.storage.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.parquet.reading.IntegerTimes;
import io.weir.storage.parquet.reading.ParquetRows;
import io.weir.storage.parquet.reading.ParquetRowsOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of our own writer and of DuckDB's, read into batches cell by cell. */
class ParquetRowsTest {

    private static final long CHUNK = 4_096;
    private static final String ALL_TYPES = """
            CREATE TABLE t AS SELECT
              make_timestamp(1700000000000000 + i * 1000003) AS "when",
              CASE WHEN i %% 7 = 0 THEN NULL ELSE 'host-' || i %% 5 END AS host,
              CASE WHEN i %% 3 = 0 THEN NULL ELSE 'text ä ' || i END AS note,
              CASE WHEN i %% 4 = 0 THEN NULL ELSE (i %% 100 - 50)::TINYINT END AS i8, (i - 3000)::SMALLINT AS i16,
              (i * -77)::INTEGER AS i32, CASE WHEN i %% 2 = 0 THEN NULL ELSE i * -1234567890123 END AS i64,
              (i %% 256)::UTINYINT AS u8, (i * 10)::USMALLINT AS u16, (4294967295 - i)::UINTEGER AS u32,
              (18446744073709551615 - i)::UBIGINT AS u64, (i / 3)::FLOAT AS f32,
              CASE WHEN i %% 5 = 0 THEN 'nan'::DOUBLE ELSE i / 7 END AS f64, i %% 3 = 1 AS b
            FROM range(%d) r(i)""";

    @TempDir
    Path folder;

    private static final IntegerTimes SECONDS = new IntegerTimes() {
        @Override
        public boolean holds(long time) {
            return Math.abs(time) < 9_000_000_000L;
        }

        @Override
        public long toNanos(long time) {
            return time * 1_000_000_000L;
        }
    };

    private static ParquetRowsOptions options(String time, String... tags) {
        return new ParquetRowsOptions(time, Set.of(tags), SECONDS, ParquetRowsTest::invalid, 8 << 20, 50);
    }

    private static int invalid(byte[] bytes, int from, int to) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, to - from));
            return -1;
        } catch (CharacterCodingException e) {
            return from;
        }
    }

    /** All rows from {@code first} on, piece by piece. */
    private static List<List<Object>> read(ParquetRows file, long first, long maxBytes, List<String> faults)
            throws IOException {
        List<ColumnType> types = file.columns().stream().map(Column::type).toList();
        List<List<Object>> rows = new ArrayList<>();
        for (long row = first; row < file.rows(); ) {
            file.load(row);
            BatchBuilder batch = new BatchBuilder("m");
            row += file.read(batch, types, maxBytes, 500, (number, message) -> faults.add(message));
            rows.addAll(batch.rows() == 0 ? List.of() : BatchCells.rows(batch.build()));
        }
        return rows;
    }

    // LESSONS 17: a null is a missing field; REQUIREMENTS P7
    @Test
    void dataFilesComeBackCellByCell() throws Exception {
        long firstSeed = System.nanoTime();
        System.out.println("ParquetRowsTest seeds from " + firstSeed);
        for (long seed = firstSeed; seed < firstSeed + 60; seed++) {
            Random random = new Random(seed);
            RandomPoints generator = new RandomPoints(seed);
            MeasurementSchema schema = generator.schema();
            List<Point> points = new ArrayList<>(generator.points(1 + random.nextInt(700)));
            Path file = folder.resolve("f" + seed + ".parquet");
            DataFileOptions options = new DataFileOptions(
                    PageCompression.values()[random.nextInt(PageCompression.values().length)],
                    1,
                    1 + random.nextInt(300),
                    random.nextInt(4) == 0 ? 200 : 1 << 20,
                    random.nextBoolean() ? 100 : 1 << 20,
                    List.of(),
                    random.nextBoolean());
            new DataFileWriter(options)
                    .write(
                            SortedRows.all(schema, generator.batches(points)),
                            file,
                            Map.of(DataFileWriter.FLUSH_ID_KEY, "f"));
            points.sort(Point.order(schema.columns()));
            List<Column> present = schema.columns().stream()
                    .filter(column ->
                            points.stream().anyMatch(point -> point.values().containsKey(column.name())))
                    .toList();
            if (present.stream().allMatch(column -> column.type() == ColumnType.TAG)) {
                continue; // without a field it is no file that can be imported
            }
            String[] tags = present.stream()
                    .filter(column -> column.type() == ColumnType.TAG)
                    .map(column -> schema.queryNames().get(schema.positionOf(column.name())))
                    .toArray(String[]::new);
            List<List<Object>> expected = new ArrayList<>();
            points.forEach(point -> expect(point, schema, expected));
            List<String> faults = new ArrayList<>();
            try (ParquetRows rows = ParquetRows.open(file, options("time", tags))) {
                assertThat(rows.rows()).isEqualTo(points.size());
                assertThat(read(rows, 0, CHUNK, faults)).as("seed %d", seed).isEqualTo(expected);
            }
            assertThat(faults).as("seed %d", seed).hasSize(points.size() - expected.size());
        }
    }

    private static void expect(Point point, MeasurementSchema schema, List<List<Object>> expected) {
        TreeMap<String, Object> cells = new TreeMap<>();
        boolean field = false;
        for (Column column : schema.columns()) {
            Object value = point.values().get(column.name());
            field |= value != null && column.type() != ColumnType.TAG;
            if (value != null && !(column.type() == ColumnType.TAG && value.equals(""))) {
                String name = schema.queryNames().get(schema.positionOf(column.name()));
                cells.put(name, value instanceof Double number ? "bits " + Double.doubleToLongBits(number) : value);
            }
        }
        if (field && point.timeMicros() > Long.MIN_VALUE / 1_000) {
            expected.add(BatchCells.row(point.timeMicros(), point.nanos(), cells));
        }
    }

    @Test
    void filesOfDuckDbComeBackCellByCellInEveryCodec() throws Exception {
        try (DuckReader duck = new DuckReader()) {
            duck.execute(ALL_TYPES.formatted(6_000));
            List<List<Object>> expected = expected(duck);
            for (String codec : new String[] {"uncompressed", "snappy", "zstd", "gzip", "lz4_raw"}) {
                for (String version : new String[] {"V1", "V2"}) {
                    Path file = folder.resolve(codec + version + ".parquet");
                    duck.execute("COPY t TO '" + file + "' (FORMAT parquet, COMPRESSION " + codec
                            + ", ROW_GROUP_SIZE 2048, PARQUET_VERSION " + version + ")");
                    List<String> faults = new ArrayList<>();
                    try (ParquetRows rows = ParquetRows.open(file, options("when", "host"))) {
                        assertThat(read(rows, 0, CHUNK, faults))
                                .as(codec + version)
                                .isEqualTo(expected);
                    }
                    assertThat(faults).isEmpty();
                }
            }
        }
    }

    private static List<List<Object>> expected(DuckReader duck) throws Exception {
        List<String> names =
                List.of("host", "note", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "b");
        List<List<Object>> expected = new ArrayList<>();
        for (List<Object> row :
                duck.query("SELECT epoch_us(\"when\"), host, note, i8::BIGINT, i16::BIGINT, i32::BIGINT,"
                        + " i64, u8::BIGINT, u16::BIGINT, u32::BIGINT, u64, f32::DOUBLE, f64, b FROM t")) {
            TreeMap<String, Object> cells = new TreeMap<>();
            for (int i = 0; i < names.size(); i++) {
                if (row.get(i + 1) != null) {
                    cells.put(names.get(i), row.get(i + 1));
                }
            }
            expected.add(BatchCells.row((Long) row.get(0), 0, cells));
        }
        return expected;
    }

    @Test
    void readingGoesOnFromAnyRow() throws Exception { // LESSONS 8: what a resumed import relies on
        try (DuckReader duck = new DuckReader()) {
            duck.execute(ALL_TYPES.formatted(5_000));
            List<List<Object>> expected = expected(duck);
            Path file = folder.resolve("f.parquet");
            duck.execute("COPY t TO '" + file + "' (FORMAT parquet, ROW_GROUP_SIZE 2048)");
            try (ParquetRows rows = ParquetRows.open(file, options("when", "host"))) {
                for (long first : new long[] {0, 4_999, 1, 2_047, 2_048, 2_049, 777, 4_096}) {
                    assertThat(read(rows, first, 50_000, new ArrayList<>()))
                            .as("from row %d", first)
                            .isEqualTo(expected.subList((int) first, expected.size()));
                }
            }
        }
    }

    @Test
    void aListenerThatRefusesMemoryLeavesTheRowsToBeReadAgain() throws Exception {
        try (DuckReader duck = new DuckReader()) {
            duck.execute(ALL_TYPES.formatted(1_000));
            List<List<Object>> expected = expected(duck);
            Path file = folder.resolve("f.parquet");
            duck.execute("COPY t TO '" + file + "' (FORMAT parquet)");
            try (ParquetRows rows = ParquetRows.open(file, options("when", "host"))) {
                List<ColumnType> types =
                        rows.columns().stream().map(Column::type).toList();
                rows.load(300);
                BatchBuilder refused = new BatchBuilder("m", delta -> {
                    if (delta > 1_000) {
                        throw new WeirException(CommonError.OVERLOADED, "no memory left");
                    }
                });
                assertThatThrownBy(() -> rows.read(refused, types, 1 << 20, 1_000, (row, message) -> {}))
                        .isInstanceOf(WeirException.class)
                        .hasMessageContaining("no memory left");
                assertThat(read(rows, 300, 1 << 20, new ArrayList<>())).isEqualTo(expected.subList(300, 1_000));
            }
        }
    }

    @Test
    void badRowsAreLeftOutAndNamedByTheirNumber() throws Exception {
        try (DuckReader duck = new DuckReader()) {
            Path file = folder.resolve("f.parquet");
            duck.execute("""
                    COPY (SELECT CASE WHEN i = 10 THEN NULL WHEN i = 20 THEN 99999999999 ELSE i END AS time,
                      CASE WHEN i = 30 THEN NULL WHEN i = 40 THEN repeat('x', 5000) ELSE 'v' || i END AS v,
                      CASE WHEN i = 50 THEN 'new' WHEN i = 60 THEN 'new' ELSE '' END AS host
                      FROM range(100) r(i)) TO '%s' (FORMAT parquet)""".formatted(file));
            List<String> faults = new ArrayList<>();
            try (ParquetRows rows = ParquetRows.open(file, options("time", "host"))) {
                List<List<Object>> read = read(rows, 0, CHUNK, faults);
                assertThat(read).hasSize(96);
                assertThat(read.get(0)).isEqualTo(List.of(0L, 0, new TreeMap<>(Map.of("v", "v0"))));
                assertThat(read)
                        .filteredOn(row -> row.toString().contains("host=new"))
                        .hasSize(2);
            }
            assertThat(faults)
                    .containsExactly(
                            "time is missing at row 11 (expected: a value in column \"time\")",
                            "time 99999999999 is out of range at row 21 (expected: the years 1677 to 2262)",
                            "row without a field at row 31 (expected: at least one value besides time and tags)",
                            "text of the row up to column \"v\" is 5000 bytes long at row 41 (expected: at most 4096)");
        }
    }

    @Test
    void timesOfEveryUnitAreTheSameInstant() throws Exception {
        try (DuckReader duck = new DuckReader()) {
            for (String type :
                    new String[] {"TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMPTZ", "DATE"}) {
                Path file = folder.resolve(type + ".parquet");
                duck.execute("COPY (SELECT '2024-02-29 00:00:00'::" + type + " AS time, 1 AS v) TO '" + file
                        + "' (FORMAT parquet)");
                try (ParquetRows rows = ParquetRows.open(file, options("time"))) {
                    assertThat(read(rows, 0, CHUNK, new ArrayList<>()))
                            .as(type)
                            .containsExactly(List.of(1_709_164_800_000_000L, 0, new TreeMap<>(Map.of("v", 1L))));
                }
            }
        }
    }

    @Test
    void integersBecomeFloatsWhereTheMeasurementHasThose() throws Exception {
        try (DuckReader duck = new DuckReader()) {
            Path file = folder.resolve("f.parquet");
            duck.execute("COPY (SELECT 1 AS time, -3::INTEGER AS a, 18446744073709551615::UBIGINT AS b) TO '" + file
                    + "' (FORMAT parquet)");
            try (ParquetRows rows = ParquetRows.open(file, options("time"))) {
                rows.load(0);
                BatchBuilder batch = new BatchBuilder("m");
                rows.read(batch, List.of(ColumnType.FLOAT64, ColumnType.FLOAT64), CHUNK, 10, (row, message) -> {});
                assertThat(BatchCells.rows(batch.build()).get(0).get(2))
                        .hasToString("{a=bits " + Double.doubleToLongBits(-3) + ", b=bits "
                                + Double.doubleToLongBits(0x1p64) + "}");
            }
        }
    }

    @Test
    void limitsAndCodecsAreCheckedInTheFooter() throws Exception { // LESSONS 58
        try (DuckReader duck = new DuckReader()) {
            Path file = folder.resolve("f.parquet");
            duck.execute("COPY (SELECT i AS time, i AS v FROM range(1000) r(i)) TO '" + file + "' (FORMAT parquet)");
            ParquetRowsOptions small =
                    new ParquetRowsOptions("time", Set.of(), SECONDS, ParquetRowsTest::invalid, 1_000, 50);
            assertThatThrownBy(() -> ParquetRows.open(file, small))
                    .hasMessageContaining("row group 1 of 1 has ")
                    .hasMessageContaining("(expected: at most 1000, weir.import.row-group;");
            duck.execute("COPY (SELECT i AS time, i AS v FROM range(1000) r(i)) TO '" + file
                    + "' (FORMAT parquet, COMPRESSION brotli)");
            assertThatThrownBy(() -> ParquetRows.open(file, options("time")))
                    .hasMessageContaining("column \"time\" of row group 1 of 1 is compressed with BROTLI"
                            + " (expected: UNCOMPRESSED, ZSTD, SNAPPY, LZ4_RAW or GZIP)");
        }
    }

    @Test
    void aFileWithoutRowsHasNone() throws Exception {
        try (DuckReader duck = new DuckReader()) {
            Path file = folder.resolve("f.parquet");
            duck.execute("COPY (SELECT i AS time, i AS v FROM range(0) r(i)) TO '" + file + "' (FORMAT parquet)");
            try (ParquetRows rows = ParquetRows.open(file, options("time"))) {
                assertThat(rows.rows()).isZero();
            }
        }
    }

    @Test
    void whatIsNoParquetOrCutShortIsRefused() throws Exception {
        try (DuckReader duck = new DuckReader()) {
            Path file = folder.resolve("f.parquet");
            duck.execute(
                    "COPY (SELECT i AS time, 'a' || i AS v FROM range(100) r(i)) TO '" + file + "' (FORMAT parquet)");
            byte[] whole = Files.readAllBytes(file);
            for (int length = 0; length < whole.length; length++) {
                Files.write(file, Arrays.copyOf(whole, length));
                assertThatThrownBy(() -> ParquetRows.open(file, options("time")))
                        .isInstanceOf(WeirException.class)
                        .hasMessageMatching(length < 4 ? ".*is no Parquet.*" : ".*(cut short|footer).*");
            }
            whole[3] = 'E';
            Files.write(file, whole);
            assertThatThrownBy(() -> ParquetRows.open(file, options("time"))).hasMessageContaining("is encrypted");
        }
    }

    @Test
    void aDamagedFileIsRefusedInOneSentenceWhateverIsDamaged() throws Exception { // LESSONS 10
        long seed = System.nanoTime();
        System.out.println("ParquetRowsTest damage seed " + seed);
        Random random = new Random(seed);
        try (DuckReader duck = new DuckReader()) {
            duck.execute(ALL_TYPES.formatted(300));
            for (String codec : new String[] {"uncompressed", "snappy", "zstd", "gzip"}) {
                Path file = folder.resolve(codec + ".parquet");
                duck.execute("COPY t TO '" + file + "' (FORMAT parquet, COMPRESSION " + codec + ")");
                byte[] whole = Files.readAllBytes(file);
                int refused = 0;
                for (int i = 0; i < 400; i++) {
                    byte[] damaged = whole.clone();
                    int at = random.nextBoolean()
                            ? random.nextInt(whole.length)
                            : whole.length - 1 - random.nextInt(Math.min(whole.length, 2_000));
                    damaged[at] = (byte) random.nextInt(256);
                    Files.write(file, damaged);
                    try (ParquetRows rows = ParquetRows.open(file, options("when", "host"))) {
                        read(rows, 0, CHUNK, new ArrayList<>());
                    } catch (WeirException e) {
                        refused++;
                        assertThat(e.code()).isEqualTo(CommonError.INVALID_REQUEST);
                    }
                }
                assertThat(refused).isPositive();
            }
        }
    }
}
