package io.weir.storage.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Encodings are chosen by what the values are, over several batches and row groups, and read back by three readers. */
class DataFileEncodingTest {

    private static final int BATCHES = 7;
    private static final int BATCH_ROWS = 5_000;
    private static final int SERIES = 250;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @TempDir
    Path folder;

    // REQUIREMENTS P6
    @Test
    void eachEncodingIsChosenWhereItPaysAndThreeReadersAgreeOnEveryCell() throws Exception {
        System.out.println("DataFileEncodingTest seed " + seed);
        long[] ids = random.longs(1_000).toArray();
        List<ColumnBatch> batches = batches(
                Map.of(
                        "drift", i -> i / 50 + random.nextInt(4),
                        "any", i -> random.nextLong(),
                        "id", i -> ids[random.nextInt(ids.length)],
                        "same", i -> 7,
                        "wide", i -> random.nextLong() >>> random.nextInt(64)),
                Map.of(
                        "noise", i -> Double.doubleToRawLongBits(random.nextDouble()),
                        "bits", i -> random.nextLong(),
                        "steps", i -> Double.doubleToRawLongBits(random.nextInt(900) / 100.0)));
        MeasurementSchema schema = MeasurementSchema.of(batches.get(0).columns(), false);
        List<List<Object>> first = null;
        for (PageCompression compression : PageCompression.values()) {
            Path file = folder.resolve(compression + ".parquet");
            DataFileOptions options = DataFileOptions.DEFAULT
                    .withCompression(compression)
                    .withRowGroupRows(9_000)
                    .withBloomFilters(DataFileOptions.EVERY_TAG);
            try (DataFileWriter writer = new DataFileWriter(options)) {
                writer.write(SortedRows.all(schema, batches), file, Map.of());
            }
            List<List<Object>> rows = ParquetJavaReader.rows(file);
            if (first == null) {
                first = rows;
                assertThat(rows).hasSize(BATCHES * BATCH_ROWS);
                assertThat(sorted(rows, schema)).isEqualTo(sorted(expected(batches), schema));
            }
            assertThat(rows).as("parquet-java, %s", compression).isEqualTo(first);
            try (DuckReader duck = new DuckReader();
                    ArrowDatasetReader arrow = new ArrowDatasetReader()) {
                assertThat(duck.rows(file)).as("DuckDB, %s", compression).isEqualTo(first);
                assertThat(arrow.rows(file)).as("Arrow, %s", compression).isEqualTo(first);
            }
            List<BlockMetaData> groups = ParquetJavaReader.footer(file).getBlocks();
            assertThat(groups).hasSize(4);
            assertThat(encodings(groups, "drift")).containsExactly(Encoding.DELTA_BINARY_PACKED);
            assertThat(encodings(groups, "any")).containsExactly(Encoding.DELTA_BINARY_PACKED);
            assertThat(encodings(groups, "wide")).containsExactly(Encoding.DELTA_BINARY_PACKED);
            assertThat(encodings(groups, "id")).contains(Encoding.RLE_DICTIONARY);
            assertThat(encodings(groups, "same")).contains(Encoding.RLE_DICTIONARY);
            assertThat(encodings(groups, "steps")).contains(Encoding.RLE_DICTIONARY);
            assertThat(encodings(groups, "bits")).containsExactly(Encoding.PLAIN);
            if (compression == PageCompression.ZSTD) {
                assertThat(encodings(groups, "noise")).containsExactly(Encoding.BYTE_STREAM_SPLIT);
            }
        }
    }

    @Test
    void bloomFiltersOfChosenTagsHoldTheirValuesAndFewOthers() throws Exception {
        List<ColumnBatch> batches = batches(Map.of("v", i -> i), Map.of());
        MeasurementSchema schema = MeasurementSchema.of(batches.get(0).columns(), false);
        Path file = folder.resolve("bloom.parquet");
        DataFileOptions options =
                DataFileOptions.DEFAULT.withRowGroupRows(9_000).withBloomFilters("host", "not a column");
        try (DataFileWriter writer = new DataFileWriter(options)) {
            writer.write(SortedRows.all(schema, batches), file, Map.of());
        }
        try (PageCodecs codecs = new PageCodecs(1);
                ParquetFileReader reader = ParquetJavaReader.open(file, codecs);
                DuckReader duck = new DuckReader()) {
            int wrong = 0;
            for (BlockMetaData group : reader.getFooter().getBlocks()) {
                ColumnChunkMetaData host = chunk(group, "host");
                assertThat(host.getBloomFilterOffset()).isGreaterThan(host.getStartingPos());
                assertThat(host.getBloomFilterLength()).isPositive();
                assertThat(chunk(group, "site").getBloomFilterOffset()).isNegative();
                BloomFilter filter = reader.readBloomFilter(host);
                for (int i = 0; i < 1_000; i++) {
                    wrong += filter.findHash(filter.hash(Binary.fromString("h-" + i))) ? 1 : 0;
                }
            }
            // hosts h0 to h249, two row groups may share one
            assertThat(wrong).isLessThan(100);
            assertThat(duck
                            .query("SELECT row_group_id, bloom_filter_excludes FROM parquet_bloom_probe('" + file
                                    + "', 'host', 'h100x') ORDER BY 1")
                            .stream()
                            .filter(row -> Boolean.TRUE.equals(row.get(1)))
                            .count())
                    .as("row groups of 4 that DuckDB need not read for a host that is not there")
                    .isGreaterThanOrEqualTo(3);
            for (int host = 0; host < SERIES; host += 17) {
                assertThat(duck.value(
                                "SELECT count(*) FROM " + DuckReader.table(file) + " WHERE host = 'h" + host + "'"))
                        .isEqualTo((long) BATCHES * BATCH_ROWS / SERIES);
            }
        }
    }

    @Test
    void duckDbSkipsRowGroupsByTheirBounds() throws Exception {
        List<ColumnBatch> batches = batches(Map.of("v", i -> i), Map.of());
        MeasurementSchema schema = MeasurementSchema.of(batches.get(0).columns(), false);
        Path file = folder.resolve("skip.parquet");
        try (DataFileWriter writer = new DataFileWriter(DataFileOptions.DEFAULT.withRowGroupRows(7_000));
                DuckReader duck = new DuckReader()) {
            writer.write(SortedRows.all(schema, batches), file, Map.of());
            assertThat(scanned(duck, file, "true")).isEqualTo(BATCHES * BATCH_ROWS);
            assertThat(scanned(duck, file, "host = 'h100'")).isLessThanOrEqualTo(14_000);
        }
    }

    /** Rows that DuckDB read from the file to answer a query with that condition, by its profile. */
    private static long scanned(DuckReader duck, Path file, String where) throws Exception {
        String plan = duck.query("EXPLAIN (ANALYZE, FORMAT JSON) SELECT sum(v) FROM " + DuckReader.table(file)
                        + " WHERE " + where)
                .get(0)
                .get(1)
                .toString();
        Matcher found = Pattern.compile("\"total_rows_scanned\":\\s*(\\d+)").matcher(plan);
        long most = -1;
        while (found.find()) {
            most = Math.max(most, Long.parseLong(found.group(1)));
        }
        assertThat(most).as(plan).isNotNegative();
        return most;
    }

    private List<ColumnBatch> batches(Map<String, IntToLongFunction> integers, Map<String, IntToLongFunction> doubles) {
        List<ColumnBatch> batches = new ArrayList<>();
        for (int b = 0; b < BATCHES; b++) {
            long[] times = new long[BATCH_ROWS];
            int[] series = new int[BATCH_ROWS];
            for (int row = 0; row < BATCH_ROWS; row++) {
                times[row] = 1_000_000L * (b * BATCH_ROWS / SERIES + row / SERIES);
                series[row] = row % SERIES;
            }
            List<FieldColumn> fields = new ArrayList<>();
            for (String name : new TreeSet<>(integers.keySet())) {
                fields.add(new LongColumn(name, ColumnType.INT64, longs(b, integers.get(name)), null));
            }
            for (String name : new TreeSet<>(doubles.keySet())) {
                long[] bits = longs(b, doubles.get(name));
                double[] values = new double[BATCH_ROWS];
                Arrays.setAll(values, i -> Double.longBitsToDouble(bits[i]));
                fields.add(new DoubleColumn(name, values, null));
            }
            batches.add(new ColumnBatch("m", BATCH_ROWS, times, null, hosts(b), series, fields));
        }
        return batches;
    }

    private static long[] longs(int batch, IntToLongFunction value) {
        long[] values = new long[BATCH_ROWS];
        Arrays.setAll(values, i -> value.applyAsLong(batch * BATCH_ROWS + i));
        return values;
    }

    /** The same table for each batch, but every third has its dictionary the other way round. */
    private static SeriesTable hosts(int batch) {
        String[] names = new String[SERIES];
        int[] codes = new int[SERIES];
        for (int i = 0; i < SERIES; i++) {
            codes[i] = batch % 3 == 2 ? SERIES - 1 - i : i;
            names[codes[i]] = "h" + i;
        }
        return new SeriesTable(
                SERIES, List.of("host", "site"), new int[][] {codes, new int[SERIES]}, new Utf8Dictionary[] {
                    Utf8Dictionary.of(names), Utf8Dictionary.of("s")
                });
    }

    private static List<List<Object>> expected(List<ColumnBatch> batches) {
        List<List<Object>> rows = new ArrayList<>();
        for (ColumnBatch batch : batches) {
            for (int row = 0; row < batch.rows(); row++) {
                List<Object> cells = new ArrayList<>();
                cells.add(batch.timeMicros()[row]);
                for (int tag = 0; tag < 2; tag++) {
                    SeriesTable table = batch.series();
                    cells.add(table.dictionary(tag).get(table.code(tag, batch.seriesOfRow()[row])));
                }
                for (FieldColumn field : batch.fields()) {
                    cells.add(
                            field instanceof LongColumn longs
                                    ? longs.values()[row]
                                    : "bits " + Double.doubleToLongBits(((DoubleColumn) field).values()[row]));
                }
                rows.add(cells);
            }
        }
        return rows;
    }

    /** By host, then time, which are distinct together. */
    private static List<List<Object>> sorted(List<List<Object>> rows, MeasurementSchema schema) {
        int host = 1 + schema.queryNames().indexOf("host");
        List<List<Object>> sorted = new ArrayList<>(rows);
        sorted.sort(Comparator.<List<Object>, String>comparing(row -> (String) row.get(host))
                .thenComparing(row -> (Long) row.get(0)));
        return sorted;
    }

    private static Set<Encoding> encodings(List<BlockMetaData> groups, String column) {
        Set<Encoding> all = new HashSet<>();
        groups.forEach(group -> all.addAll(chunk(group, column).getEncodings()));
        if (all.contains(Encoding.RLE_DICTIONARY)) {
            all.remove(Encoding.PLAIN); // of the dictionary page
        }
        return all;
    }

    private static ColumnChunkMetaData chunk(BlockMetaData block, String column) {
        return block.getColumns().stream()
                .filter(chunk -> chunk.getPath().toArray()[0].equals(column))
                .findFirst()
                .orElseThrow();
    }
}
