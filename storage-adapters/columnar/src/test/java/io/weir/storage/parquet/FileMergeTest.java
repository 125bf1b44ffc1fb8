package io.weir.storage.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.parquet.merging.Duplicates;
import io.weir.storage.parquet.merging.FileMerge;
import io.weir.storage.parquet.merging.MergeError;
import io.weir.storage.parquet.merging.MergeInput;
import io.weir.storage.parquet.merging.MergeJob;
import io.weir.storage.parquet.merging.MergeResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requirement L4: merged files hold the rows of their inputs, against a plain model, read by parquet-java and DuckDB. */
class FileMergeTest {

    private static final int CASES = Integer.getInteger("weir.merge.cases", 120);

    @TempDir
    Path folder;

    private final List<Path> written = new ArrayList<>();

    private Path file() {
        Path file = folder.resolve("f" + written.size() + ".parquet");
        written.add(file);
        return file;
    }

    private static DataFileOptions options(Random random) {
        PageCompression[] compressions = PageCompression.values();
        return new DataFileOptions(
                compressions[random.nextInt(compressions.length)],
                1,
                1 + random.nextInt(random.nextBoolean() ? 1_000 : 70),
                random.nextInt(4) == 0 ? 200 : 1 << 20,
                random.nextBoolean() ? 100 : 1 << 20,
                random.nextBoolean() ? List.of() : List.of(DataFileOptions.EVERY_TAG),
                random.nextBoolean());
    }

    private MergeInput write(MeasurementSchema schema, List<Point> points, DataFileOptions options) {
        Path file = file();
        try (DataFileWriter writer = new DataFileWriter(options)) {
            writer.write(SortedRows.all(schema, List.of(PointBatches.of(schema.columns(), points))), file, Map.of());
        }
        return new MergeInput(file, file.getFileName().toString(), points.size());
    }

    private static MergeJob job(
            MeasurementSchema schema, List<MergeInput> inputs, Duplicates duplicates, long memory, Path output) {
        return new MergeJob(
                PointBatches.MEASUREMENT, schema, inputs, duplicates, memory, output, Map.of("k", "v"), rows -> {});
    }

    private static List<List<Object>> expected(MeasurementSchema schema, List<Point> sorted) {
        List<Column> present = schema.columns().stream()
                .filter(column ->
                        sorted.stream().anyMatch(point -> point.values().containsKey(column.name())))
                .toList();
        return sorted.stream()
                .map(point -> point.cells(present, sorted.stream().anyMatch(one -> one.nanos() != 0)))
                .toList();
    }

    /** The model of last-write-wins: by series and time, each field's last value. */
    private static List<Point> lastWins(MeasurementSchema schema, List<Point> arrived) {
        Map<List<Object>, Point> kept = new LinkedHashMap<>();
        for (Point point : arrived) {
            List<Object> key = new ArrayList<>();
            key.add(point.timeMicros());
            key.add(point.nanos());
            schema.columns().stream()
                    .filter(column -> column.type() == ColumnType.TAG)
                    .forEach(tag -> key.add(point.values().get(tag.name())));
            Map<String, Object> values = new HashMap<>();
            if (kept.containsKey(key)) {
                values.putAll(kept.get(key).values());
            }
            values.putAll(point.values());
            kept.put(key, new Point(point.timeMicros(), point.nanos(), values));
        }
        return new ArrayList<>(kept.values());
    }

    @Test
    void randomFilesMergeIntoTheRowsOfAPlainModel() throws Exception { // LESSONS 22: added columns, nulls, every type
        long firstSeed = Long.getLong("weir.merge.seed", System.nanoTime());
        System.out.println("FileMergeTest seeds from " + firstSeed);
        try (DuckReader duck = new DuckReader()) {
            for (long seed = firstSeed; seed < firstSeed + CASES; seed++) {
                mergeOnce(seed, duck);
            }
        }
    }

    private void mergeOnce(long seed, DuckReader duck) throws Exception {
        Random random = new Random(seed);
        RandomPoints generator = new RandomPoints(seed);
        MeasurementSchema schema = generator.schema();
        List<Point> arrived = new ArrayList<>();
        List<MergeInput> inputs = new ArrayList<>();
        for (int n = 1 + random.nextInt(6); n > 0; n--) {
            List<Point> points = generator.points(1 + random.nextInt(random.nextInt(3) == 0 ? 3 : 300));
            // An earlier schema: a prefix of the columns, as files from before a column was added have it.
            int known = random.nextInt(3) == 0
                    ? random.nextInt(schema.columns().size()) + 1
                    : schema.columns().size();
            List<Column> columns = schema.columns().subList(0, known);
            List<Point> seen =
                    points.stream().map(point -> only(point, columns)).toList();
            arrived.addAll(seen);
            inputs.add(write(MeasurementSchema.of(columns, schema.hasNanos()), seen, options(random)));
        }
        Duplicates duplicates = Duplicates.values()[random.nextInt(2)];
        DataFileOptions options = options(random);
        Path output = file();
        MergeResult result;
        try (DataFileWriter writer = new DataFileWriter(options)) {
            result = new FileMerge(writer, options.rowGroupRows())
                    .merge(job(schema, inputs, duplicates, 1L << 30, output));
        }
        List<Point> sorted = duplicates == Duplicates.KEPT ? new ArrayList<>(arrived) : lastWins(schema, arrived);
        sorted.sort(Point.order(schema.columns()));
        List<List<Object>> expected = expected(schema, sorted);
        assertThat(ParquetJavaReader.rows(output))
                .as("parquet-java, seed %d", seed)
                .isEqualTo(expected);
        assertThat(duck.rows(output)).as("DuckDB, seed %d", seed).isEqualTo(expected);
        assertThat(result.inputs()).isEqualTo(inputs.size());
        assertThat(result.rowsRead()).isEqualTo(arrived.size());
        assertThat(result.output().rows()).isEqualTo(sorted.size());
        assertThat(result.output().bytes()).isEqualTo(Files.size(output));
        assertThat(result.output().minTimeMicros())
                .isEqualTo(sorted.stream().mapToLong(Point::timeMicros).min().orElseThrow());
        assertThat(result.output().maxTimeMicros())
                .isEqualTo(sorted.stream().mapToLong(Point::timeMicros).max().orElseThrow());
        if (duplicates == Duplicates.KEPT) {
            sameAsWrittenAtOnce(schema, arrived, options, output, result, seed);
        }
    }

    @Test
    void rowsThatAreLeftOutAreNotInTheOutputAndAllOthersAre() throws Exception { // REQUIREMENTS L3
        long firstSeed = Long.getLong("weir.merge.seed", System.nanoTime());
        System.out.println("FileMergeTest seeds from " + firstSeed);
        for (long seed = firstSeed; seed < firstSeed + CASES / 4; seed++) {
            Random random = new Random(seed);
            RandomPoints generator = new RandomPoints(seed);
            MeasurementSchema schema = generator.schema();
            List<Point> all = new ArrayList<>();
            List<Point> kept = new ArrayList<>();
            List<MergeInput> inputs = new ArrayList<>();
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                List<Point> points = new ArrayList<>(generator.points(1 + random.nextInt(300)));
                MergeInput whole = write(schema, points, options(random));
                points.sort(Point.order(schema.columns()));
                BitSet left = new BitSet();
                int share = random.nextInt(4);
                for (int row = 0; row < points.size(); row++) {
                    boolean goes = share == 0 ? row < points.size() / 2 : random.nextInt(4) < share;
                    left.set(row, goes && (row > 0 || !kept.isEmpty() || n > 1));
                    if (!left.get(row)) {
                        kept.add(points.get(row));
                    }
                }
                all.addAll(points);
                inputs.add(new MergeInput(whole.file(), whole.name(), whole.rows(), left));
            }
            if (kept.isEmpty()) {
                continue; // whoever leaves out all rows makes no file
            }
            DataFileOptions options = options(random);
            Path output = file();
            MergeResult result;
            try (DataFileWriter writer = new DataFileWriter(options)) {
                result = new FileMerge(writer, options.rowGroupRows())
                        .merge(job(schema, inputs, Duplicates.KEPT, 1L << 30, output));
            }
            List<Column> present = schema.columns().stream()
                    .filter(column ->
                            all.stream().anyMatch(point -> point.values().containsKey(column.name())))
                    .toList();
            boolean nanos = all.stream().anyMatch(point -> point.nanos() != 0);
            kept.sort(Point.order(schema.columns()));
            assertThat(ParquetJavaReader.rows(output))
                    .as("seed %d", seed)
                    .isEqualTo(kept.stream()
                            .map(point -> point.cells(present, nanos))
                            .toList());
            assertThat(result.output().rows()).isEqualTo(kept.size());
        }
    }

    private static Point only(Point point, List<Column> columns) {
        Map<String, Object> values = new HashMap<>(point.values());
        values.keySet().retainAll(columns.stream().map(Column::name).toList());
        return new Point(point.timeMicros(), point.nanos(), values);
    }

    /** Field ids, bloom filters, statistics, encodings: the footer is that of the file a single flush would have written. */
    private void sameAsWrittenAtOnce(
            MeasurementSchema schema,
            List<Point> arrived,
            DataFileOptions options,
            Path merged,
            MergeResult result,
            long seed)
            throws IOException {
        Path ideal = file();
        DataFileStats stats;
        try (DataFileWriter writer = new DataFileWriter(options)) {
            stats = writer.write(
                    SortedRows.all(schema, List.of(PointBatches.of(schema.columns(), arrived))),
                    ideal,
                    Map.of("k", "v"));
        }
        assertThat(ParquetJavaReader.footer(merged).getFileMetaData().getSchema())
                .as("schema with field ids, seed %d", seed)
                .isEqualTo(ParquetJavaReader.footer(ideal).getFileMetaData().getSchema());
        if (options.rowGroupBytes() > 200) {
            assertThat(result.output().rowGroups()).isEqualTo(stats.rowGroups());
            assertThat(result.output().tags()).as("tag ranges, seed %d", seed).isEqualTo(stats.tags());
            assertThat(Files.size(merged)).as("bytes, seed %d", seed).isEqualTo(Files.size(ideal));
        }
    }

    @Test
    void littleMemoryMakesSmallerRowGroupsAndFewerInputsButLosesNothing() throws Exception { // LESSONS 31
        Random random = new Random(7);
        MeasurementSchema schema = MeasurementSchema.of(
                List.of(new Column("host", ColumnType.TAG), new Column("v", ColumnType.INT64)), false);
        DataFileOptions options = DataFileOptions.DEFAULT.withRowGroupRows(100);
        List<MergeInput> inputs = new ArrayList<>();
        List<Point> arrived = new ArrayList<>();
        for (int n = 0; n < 5; n++) {
            List<Point> points = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                points.add(Point.at(random.nextInt(50), "host", "h" + random.nextInt(300), "v", random.nextLong()));
            }
            arrived.addAll(points);
            inputs.add(write(schema, points, options));
        }
        try (DataFileWriter writer = new DataFileWriter(options)) {
            FileMerge merge = new FileMerge(writer, 100);
            long memory = 400_000;
            for (Duplicates duplicates : Duplicates.values()) {
                Path output = file();
                MergeResult result = merge.merge(job(schema, inputs, duplicates, memory, output));
                assertThat(result.inputs()).isBetween(2, 5);
                List<Point> some = arrived.subList(0, result.inputs() * 1_000);
                List<Point> sorted = duplicates == Duplicates.KEPT ? new ArrayList<>(some) : lastWins(schema, some);
                sorted.sort(Point.order(schema.columns()));
                assertThat(ParquetJavaReader.rows(output)).isEqualTo(expected(schema, sorted));
            }
            Path output = file();
            assertThatThrownBy(() -> merge.merge(job(schema, inputs, Duplicates.KEPT, 100_000, output)))
                    .isInstanceOfSatisfying(
                            WeirException.class, e -> assertThat(e.code()).isEqualTo(MergeError.MEMORY_TOO_SMALL))
                    .hasMessageContaining("(expected: at most 100000)");
            assertThat(output).doesNotExist();
        }
    }

    @Test
    void integersAreWidenedWhereTheColumnIsFloat() throws Exception { // LESSONS 22
        MeasurementSchema integers = MeasurementSchema.of(
                List.of(new Column("a", ColumnType.INT64), new Column("b", ColumnType.UINT64)), false);
        MeasurementSchema floats = MeasurementSchema.of(
                List.of(new Column("a", ColumnType.FLOAT64), new Column("b", ColumnType.FLOAT64)), false);
        MergeInput one = write(integers, List.of(Point.at(1, "a", 7L, "b", -1L)), DataFileOptions.DEFAULT);
        MergeInput other = write(floats, List.of(Point.at(2, "a", 0.5, "b", 1.5)), DataFileOptions.DEFAULT);
        Path output = file();
        try (DataFileWriter writer = new DataFileWriter(DataFileOptions.DEFAULT)) {
            new FileMerge(writer, 100).merge(job(floats, List.of(one, other), Duplicates.KEPT, 1 << 30, output));
        }
        assertThat(ParquetJavaReader.rows(output))
                .isEqualTo(
                        expected(floats, List.of(Point.at(1, "a", 7.0, "b", 0x1p64), Point.at(2, "a", 0.5, "b", 1.5))));
    }

    @Test
    void aFileThatIsNotAsItsWriterLeftItIsNamedAndNothingIsLeft() throws Exception {
        MeasurementSchema schema = MeasurementSchema.of(
                List.of(new Column("host", ColumnType.TAG), new Column("v", ColumnType.INT64)), false);
        List<Point> points = new ArrayList<>();
        for (long i = 0; i < 500; i++) {
            points.add(Point.at(i, "host", "h" + i % 7, "v", i * i));
        }
        MergeInput good = write(schema, points, DataFileOptions.DEFAULT.withRowGroupRows(100));
        byte[] bytes = Files.readAllBytes(good.file());
        Random random = new Random(3);
        try (DataFileWriter writer = new DataFileWriter(DataFileOptions.DEFAULT)) {
            FileMerge merge = new FileMerge(writer, 100);
            int refused = 0;
            for (int i = 0; i < 300; i++) {
                byte[] damaged = bytes.clone();
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
                Path file = Files.write(folder.resolve("damaged.parquet"), damaged);
                Path output = folder.resolve("out.parquet");
                try {
                    merge.merge(job(
                            schema,
                            List.of(good, new MergeInput(file, "the bad one", 500)),
                            Duplicates.KEPT,
                            1 << 30,
                            output));
                    Files.delete(output); // what was changed is not read: an index, say
                } catch (WeirException e) {
                    assertThat(e.code()).isEqualTo(MergeError.INPUT_DAMAGED);
                    assertThat(e.context()).containsEntry("input", 1);
                    assertThat(e).hasMessageContaining("the bad one");
                    assertThat(output).doesNotExist();
                    refused++;
                }
            }
            assertThat(refused).isGreaterThan(150);
            assertThatThrownBy(() -> merge.merge(job(
                            schema,
                            List.of(good, new MergeInput(good.file(), "short", 501)),
                            Duplicates.KEPT,
                            1 << 30,
                            folder.resolve("out.parquet"))))
                    .hasMessageContaining("500 rows (expected: 501");
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString())).doesNotContain("out.parquet");
        }
    }

    @Test
    void aMergeThatIsInterruptedEndsAndLeavesNothing() {
        MeasurementSchema schema = MeasurementSchema.of(List.of(new Column("v", ColumnType.INT64)), false);
        MergeInput one = write(schema, List.of(Point.at(1, "v", 1L)), DataFileOptions.DEFAULT);
        MergeInput two = write(schema, List.of(Point.at(2, "v", 2L)), DataFileOptions.DEFAULT);
        Path output = file();
        try (DataFileWriter writer = new DataFileWriter(DataFileOptions.DEFAULT)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> new FileMerge(writer, 100)
                            .merge(job(schema, List.of(one, two), Duplicates.KEPT, 1 << 30, output)))
                    .isInstanceOf(java.io.UncheckedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(output).doesNotExist();
    }
}
