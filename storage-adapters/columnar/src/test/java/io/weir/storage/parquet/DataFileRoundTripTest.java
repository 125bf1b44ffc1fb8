package io.weir.storage.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is what parquet-java, DuckDB and Arrow read, cell by cell and in order. */
class DataFileRoundTripTest {

    private static final int FILES = 40;

    @TempDir
    Path folder;

    // REQUIREMENTS P6: files any tool can read, sorted; LESSONS 17: nulls stay nulls
    @Test
    void threeReadersSeeEveryCellOfRandomBatchesInOrder() throws Exception {
        long firstSeed = System.nanoTime();
        System.out.println("DataFileRoundTripTest seeds from " + firstSeed);
        try (DuckReader duck = new DuckReader();
                ArrowDatasetReader arrow = new ArrowDatasetReader()) {
            for (long seed = firstSeed; seed < firstSeed + FILES; seed++) {
                readBack(seed, duck, arrow);
            }
        }
    }

    private void readBack(long seed, DuckReader duck, ArrowDatasetReader arrow) throws Exception {
        Random random = new Random(seed);
        RandomPoints generator = new RandomPoints(seed);
        List<Point> points = generator.points(1 + random.nextInt(random.nextInt(3) == 0 ? 3 : 700));
        List<ColumnBatch> batches = generator.batches(points);
        MeasurementSchema schema = generator.schema();
        SortedRows rows = SortedRows.all(schema, batches);
        PageCompression[] compressions = PageCompression.values();
        DataFileOptions options = new DataFileOptions(
                compressions[random.nextInt(compressions.length)],
                1 + random.nextInt(3),
                1 + random.nextInt(random.nextBoolean() ? 1_000 : 70),
                random.nextInt(4) == 0 ? 200 : 1 << 20,
                random.nextBoolean() ? 100 : 1 << 20,
                random.nextBoolean() ? List.of() : List.of(DataFileOptions.EVERY_TAG),
                random.nextBoolean());
        Path file = folder.resolve("f" + seed + ".parquet");

        DataFileStats stats = new DataFileWriter(options).write(rows, file, Map.of(DataFileWriter.FLUSH_ID_KEY, "f-1"));

        List<Point> sorted = new ArrayList<>(points);
        sorted.sort(Point.order(schema.columns()));
        List<Column> present = schema.columns().stream()
                .filter(column ->
                        points.stream().anyMatch(point -> point.values().containsKey(column.name())))
                .toList();
        boolean nanos = points.stream().anyMatch(point -> point.nanos() != 0);
        List<List<Object>> expected =
                sorted.stream().map(point -> point.cells(present, nanos)).toList();
        assertThat(ParquetJavaReader.rows(file))
                .as("parquet-java, seed %d", seed)
                .isEqualTo(expected);
        assertThat(duck.rows(file)).as("DuckDB, seed %d", seed).isEqualTo(expected);
        assertThat(arrow.rows(file)).as("Arrow, seed %d", seed).isEqualTo(expected);
        assertThat(stats.rows()).isEqualTo(points.size());
        assertThat(stats.bytes()).isEqualTo(Files.size(file));
        assertThat(stats.minTimeMicros())
                .isEqualTo(points.stream().mapToLong(Point::timeMicros).min().orElseThrow());
        assertThat(stats.maxTimeMicros())
                .isEqualTo(points.stream().mapToLong(Point::timeMicros).max().orElseThrow());
        assertThat(stats.rowGroups())
                .isEqualTo(ParquetJavaReader.footer(file).getBlocks().size());
    }
}
