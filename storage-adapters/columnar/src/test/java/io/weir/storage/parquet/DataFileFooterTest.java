package io.weir.storage.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.common.stats.TagRange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.schema.MessageType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the footer says: columns, ids, statistics, metadata. */
class DataFileFooterTest {

    private static final List<Column> COLUMNS = List.of(
            new Column("host", ColumnType.TAG),
            new Column("HOST", ColumnType.TAG),
            new Column("i", ColumnType.INT64),
            new Column("never", ColumnType.INT64),
            new Column("u", ColumnType.UINT64),
            new Column("d", ColumnType.FLOAT64),
            new Column("s", ColumnType.STRING),
            new Column("b", ColumnType.BOOLEAN),
            new Column("nan", ColumnType.FLOAT64));

    @TempDir
    Path folder;

    private final List<Point> points = List.of(
            Point.at(20, "host", "b", "i", -5L, "u", -1L, "d", 0.0, "s", "y".repeat(200), "b", true, "nan", 1.0),
            Point.at(10, "host", "a", "HOST", "x", "i", 7L, "u", 1L, "d", -0.0, "s", "x".repeat(200), "b", true),
            Point.at(30, "host", "b", "i", 0L, "d", 0.0, "nan", Double.NaN));

    private ParquetMetadata write(MeasurementSchema schema, DataFileOptions options) throws Exception {
        SortedRows rows = SortedRows.all(schema, List.of(PointBatches.of(COLUMNS, points)));
        Path file = folder.resolve("f.parquet");
        new DataFileWriter(options).write(rows, file, Map.of(DataFileWriter.FLUSH_ID_KEY, "flush-7"));
        return ParquetJavaReader.footer(file);
    }

    // REQUIREMENTS P6; field ids are for Iceberg and for schema= of read_parquet
    @Test
    void columnsAreTheSchemasInItsOrderWithItsFieldIdsAndTypes() throws Exception {
        MessageType schema = write(MeasurementSchema.of(COLUMNS, true), DataFileOptions.DEFAULT)
                .getFileMetaData()
                .getSchema();

        assertThat(schema.getFields().stream().map(Object::toString))
                .containsExactly(
                        "required int64 time (TIMESTAMP(MICROS,true)) = 1",
                        "optional binary host (STRING) = 3",
                        "optional binary HOST_1 (STRING) = 4",
                        "optional int64 i = 5",
                        "optional int64 u (INTEGER(64,false)) = 7",
                        "optional double d = 8",
                        "optional binary s (STRING) = 9",
                        "optional boolean b = 10",
                        "optional double nan = 11");
    }

    @Test
    void metadataNamesFormatMeasurementAndFlush() throws Exception {
        assertThat(write(MeasurementSchema.of(COLUMNS, false), DataFileOptions.DEFAULT)
                        .getFileMetaData()
                        .getKeyValueMetaData())
                .containsEntry("weir.format", "1")
                .containsEntry("weir.measurement", PointBatches.MEASUREMENT)
                .containsEntry("weir.flush_id", "flush-7");
    }

    @Test
    void statisticsAreExactForNumbersAndBoundsForLongStrings() throws Exception {
        BlockMetaData block = write(MeasurementSchema.of(COLUMNS, false), DataFileOptions.DEFAULT)
                .getBlocks()
                .get(0);

        assertThat(range(block, "time"))
                .isEqualTo("1970-01-01T00:00:00.000010+0000..1970-01-01T00:00:00.000030+0000 nulls 0");
        assertThat(range(block, "host")).isEqualTo("a..b nulls 0");
        assertThat(range(block, "HOST_1")).isEqualTo("x..x nulls 2");
        assertThat(range(block, "i")).isEqualTo("-5..7 nulls 0");
        assertThat(range(block, "u")).isEqualTo("1..18446744073709551615 nulls 1");
        assertThat(range(block, "d")).isEqualTo("-0.0..0.0 nulls 0");
        assertThat(range(block, "b")).isEqualTo("true..true nulls 1");
        assertThat(range(block, "s")).isEqualTo("x".repeat(64) + ".." + "y".repeat(63) + "z nulls 1");
        assertThat(chunk(block, "nan").getStatistics().hasNonNullValue())
                .as("no bounds beside a NaN")
                .isFalse();
        assertThat(chunk(block, "nan").getStatistics().getNumNulls()).isEqualTo(1);
    }

    @Test
    void everyChunkHasPageIndexesAndTheChosenCodec() throws Exception {
        for (PageCompression compression : PageCompression.values()) {
            ParquetMetadata footer =
                    write(MeasurementSchema.of(COLUMNS, false), DataFileOptions.DEFAULT.withCompression(compression));
            for (ColumnChunkMetaData chunk : footer.getBlocks().get(0).getColumns()) {
                assertThat(chunk.getCodec()).isEqualTo(compression.codec());
                assertThat(chunk.getOffsetIndexReference()).isNotNull();
                boolean hasNan = chunk.getPath().toDotString().equals("nan");
                assertThat(chunk.getColumnIndexReference() == null)
                        .as("%s", chunk.getPath())
                        .isEqualTo(hasNan);
            }
        }
    }

    @Test
    void columnIndexKnowsTheNullsAndBoundsOfEachPage() throws Exception {
        write(MeasurementSchema.of(COLUMNS, false), DataFileOptions.DEFAULT);
        try (PageCodecs codecs = new PageCodecs(1);
                ParquetFileReader reader = ParquetJavaReader.open(folder.resolve("f.parquet"), codecs)) {
            ColumnIndex index =
                    reader.readColumnIndex(chunk(reader.getFooter().getBlocks().get(0), "HOST_1"));
            assertThat(index.getNullCounts()).containsExactly(2L);
            assertThat(index.getNullPages()).containsExactly(false);
        }
    }

    @Test
    void summaryHoldsTheRangeOfEachTag() {
        SortedRows rows =
                SortedRows.all(MeasurementSchema.of(COLUMNS, false), List.of(PointBatches.of(COLUMNS, points)));

        DataFileStats stats = new DataFileWriter(DataFileOptions.DEFAULT).write(rows, folder.resolve("t"), Map.of());

        assertThat(stats.tags())
                .isEqualTo(Map.of(
                        "host",
                        new TagRange("a", "b", true, List.of("a", "b")),
                        "HOST",
                        new TagRange("x", "x", false, List.of("x"))));
        assertThat(stats.minTimeMicros()).isEqualTo(10);
        assertThat(stats.maxTimeMicros()).isEqualTo(30);
    }

    // LESSONS 43: row groups are bounded, by rows and by the bytes of long strings
    @Test
    void rowGroupsEndByRowsAndByBytes() throws Exception {
        List<Point> many = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            many.add(Point.at(i, "s", "x".repeat(1_000) + i));
        }
        SortedRows rows = SortedRows.all(MeasurementSchema.of(COLUMNS, false), List.of(PointBatches.of(COLUMNS, many)));
        Path file = folder.resolve("g");

        new DataFileWriter(DataFileOptions.DEFAULT.withRowGroups(30, 1 << 20)).write(rows, file, Map.of());
        assertThat(rowCounts(file)).containsExactly(30L, 30L, 30L, 10L);
        new DataFileWriter(DataFileOptions.DEFAULT.withRowGroups(30, 20_000)).write(rows, file, Map.of());
        assertThat(rowCounts(file)).containsExactly(20L, 20L, 20L, 20L, 20L);
    }

    // LESSONS 47: each option acts
    @Test
    void pageSizeZstdLevelAndChecksumsActOnTheFile() throws Exception {
        Random random = new Random(5);
        List<Point> many = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            String words = "the quick " + random.nextInt(9_000) + " jumps over the lazy " + random.nextInt(9_000);
            many.add(Point.at(i, "s", words));
        }
        SortedRows rows = SortedRows.all(MeasurementSchema.of(COLUMNS, false), List.of(PointBatches.of(COLUMNS, many)));
        long plain = size(rows, 1, 1 << 20, false);

        assertThat(pages("s")).isEqualTo(1);
        assertThat(size(rows, 19, 1 << 20, false)).as("at level 19").isLessThan(plain);
        assertThat(size(rows, 1, 1 << 20, true)).as("with checksums").isGreaterThan(plain);
        size(rows, 1, 4 << 10, true);
        assertThat(pages("s")).isGreaterThan(10);
    }

    private long size(SortedRows rows, int zstdLevel, int pageBytes, boolean checksums) {
        DataFileOptions options = new DataFileOptions(
                PageCompression.ZSTD, zstdLevel, 122_880, 64L << 20, pageBytes, List.of(), checksums);
        try (DataFileWriter writer = new DataFileWriter(options)) {
            return writer.write(rows, folder.resolve("f.parquet"), Map.of()).bytes();
        }
    }

    private int pages(String column) throws Exception {
        try (PageCodecs codecs = new PageCodecs(1);
                ParquetFileReader reader = ParquetJavaReader.open(folder.resolve("f.parquet"), codecs)) {
            return reader.readOffsetIndex(chunk(reader.getFooter().getBlocks().get(0), column))
                    .getPageCount();
        }
    }

    @Test
    void optionsAndCodecsThatCannotWorkAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DataFileOptions(PageCompression.ZSTD, 0, 1, 1, 1, List.of(), true))
                .withMessage("zstd level 0 (expected: 1 to 19)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataFileOptions.DEFAULT.withRowGroupRows(0))
                .withMessageContaining("row groups of 0 rows");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DataFileOptions(PageCompression.ZSTD, 1, 1, 1, 0, List.of(), true))
                .withMessage("pages of 0 bytes (expected: at least 1)");
        try (PageCodecs codecs = new PageCodecs(1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> codecs.getCompressor(CompressionCodecName.GZIP))
                    .withMessage("Parquet codec GZIP is not supported (expected: UNCOMPRESSED, ZSTD, SNAPPY, LZ4_RAW)");
        }
    }

    private static List<Long> rowCounts(Path file) throws Exception {
        return ParquetJavaReader.footer(file).getBlocks().stream()
                .map(BlockMetaData::getRowCount)
                .toList();
    }

    private static ColumnChunkMetaData chunk(BlockMetaData block, String column) {
        return block.getColumns().stream()
                .filter(chunk -> chunk.getPath().toArray()[0].equals(column))
                .findFirst()
                .orElseThrow();
    }

    private static String range(BlockMetaData block, String column) {
        Statistics<?> statistics = chunk(block, column).getStatistics();
        return statistics.minAsString() + ".." + statistics.maxAsString() + " nulls " + statistics.getNumNulls();
    }
}
