package io.weir.storage.parquet;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.SeriesTableBuilder;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Parts as a flush gets them: batches of 5,000 rows each, decoded from one body each, so every batch has series, dictionaries
 * and arrays of its own. Rows come in order of time, in each every series once.
 */
public final class FlushedParts {

    static final int BATCH_ROWS = 5000;
    static final int SERIES = 1000;

    private static final long START_MICROS = 1_704_067_200_000_000L;
    private static final long INTERVAL_MICROS = 10_000_000L;
    private static final int[] CPU_CARDINALITIES = {SERIES, 9, 25, 100, 3, 2, 4, 20, 2, 3};

    private FlushedParts() {}

    /** The shapes that {@link #of} knows. */
    public enum Shape {
        /** 10 tags, 10 integers that drift between 0 and 100. */
        CPU(10, 10),
        /** 2 tags, 4 measured values: random walks rounded to 2 or 3 decimals. */
        IOT(2, 4),
        /** 10 tags, 10 doubles without any pattern. */
        NOISE(10, 10);

        private final int tags;
        private final int fields;

        Shape(int tags, int fields) {
            this.tags = tags;
            this.fields = fields;
        }
    }

    /** A schema and the batches of one part. */
    record Part(MeasurementSchema schema, List<ColumnBatch> batches, int rows) {}

    /** A part of that many batches, all in one hour when there are no more than 72. */
    static Part of(Shape shape, int batches, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] state = new double[shape.fields][SERIES];
        for (double[] field : state) {
            for (int series = 0; series < SERIES; series++) {
                field[series] = random.nextDouble() * 100;
            }
        }
        int[][] tagOf = new int[shape.tags][SERIES];
        for (int tag = 0; tag < shape.tags; tag++) {
            for (int series = 0; series < SERIES; series++) {
                tagOf[tag][series] = tag == 0 ? series : random.nextInt(CPU_CARDINALITIES[tag]);
            }
        }
        List<ColumnBatch> made = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            made.add(batch(shape, (long) i * BATCH_ROWS, tagOf, state, random));
        }
        List<Column> columns = made.get(0).columns();
        return new Part(MeasurementSchema.of(columns, false), made, batches * BATCH_ROWS);
    }

    /** A batch of the first rows of a part, with series of their own. */
    static ColumnBatch firstRows(Part part, int rows) {
        ColumnBatch all = part.batches().get(0);
        SeriesTableBuilder table = new SeriesTableBuilder(bytes -> {});
        int[] seriesOfRow = new int[rows];
        for (int row = 0; row < rows; row++) {
            for (int tag = 0; tag < all.series().tagNames().size(); tag++) {
                Utf8Dictionary values = all.series().dictionary(tag);
                int code = all.series().code(tag, all.seriesOfRow()[row]);
                int index = table.tag(all.series().tagNames().get(tag));
                table.stage(index, table.code(index, values.bytes(), values.start(code), values.end(code)));
            }
            seriesOfRow[row] = table.intern();
        }
        List<FieldColumn> fields = new ArrayList<>();
        for (FieldColumn field : all.fields()) {
            fields.add(
                    field instanceof LongColumn longs
                            ? new LongColumn(field.name(), field.type(), Arrays.copyOf(longs.values(), rows), null)
                            : new DoubleColumn(
                                    field.name(), Arrays.copyOf(((DoubleColumn) field).values(), rows), null));
        }
        long[] times = Arrays.copyOf(all.timeMicros(), rows);
        return new ColumnBatch(all.measurement(), rows, times, null, table.build(), seriesOfRow, fields);
    }

    private static ColumnBatch batch(
            Shape shape, long firstRow, int[][] tagOf, double[][] state, SplittableRandom random) {
        SeriesTableBuilder table = new SeriesTableBuilder(bytes -> {});
        long[] times = new long[BATCH_ROWS];
        int[] seriesOfRow = new int[BATCH_ROWS];
        long[][] integers = new long[shape.fields][BATCH_ROWS];
        double[][] doubles = new double[shape.fields][BATCH_ROWS];
        for (int row = 0; row < BATCH_ROWS; row++) {
            int series = (int) ((firstRow + row) % SERIES);
            times[row] = START_MICROS + (firstRow + row) / SERIES * INTERVAL_MICROS;
            for (int tag = 0; tag < shape.tags; tag++) {
                byte[] value = (tag == 0 ? "host_" + series : "value-" + tag + "-" + tagOf[tag][series])
                        .getBytes(StandardCharsets.UTF_8);
                int index = table.tag("tag" + tag);
                table.stage(index, table.code(index, value, 0, value.length));
            }
            seriesOfRow[row] = table.intern();
            for (int field = 0; field < shape.fields; field++) {
                double[] walk = state[field];
                walk[series] =
                        Math.max(0, Math.min(100, walk[series] + normal(random) * (shape == Shape.CPU ? 1 : 0.1)));
                integers[field][row] = (long) walk[series];
                doubles[field][row] = shape == Shape.NOISE
                        ? random.nextDouble()
                        : Math.rint(walk[series] * (field == 3 ? 1000 : 100)) / (field == 3 ? 1000 : 100);
            }
        }
        List<FieldColumn> fields = new ArrayList<>();
        for (int field = 0; field < shape.fields; field++) {
            fields.add(
                    shape == Shape.CPU
                            ? new LongColumn("field" + field, ColumnType.INT64, integers[field], null)
                            : new DoubleColumn("field" + field, doubles[field], null));
        }
        SeriesTable series = table.build();
        return new ColumnBatch("cpu", BATCH_ROWS, times, null, series, seriesOfRow, fields);
    }

    /** About a normal distribution of variance 1: the sum of four uniform numbers. */
    private static double normal(SplittableRandom random) {
        double sum = random.nextDouble() + random.nextDouble() + random.nextDouble() + random.nextDouble();
        return (sum - 2) * Math.sqrt(3);
    }
}
