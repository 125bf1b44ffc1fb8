package io.weir.storage.parquet;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random points of a random schema, from a seed: every type, nulls, odd values, columns that differ in case only. */
public final class RandomPoints {

    private static final String[] TEXTS = {
        "", "a", "A", "b", "ä", "日本", "\uD83D\uDE00 smile", "z\u0000z", "\uFFFD", "with \"quote' ,"
    };
    private static final long[] LONGS = {Long.MIN_VALUE, Long.MAX_VALUE, 0, -1, 1, Long.MIN_VALUE + 1};
    private static final double[] DOUBLES = {
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        -0.0,
        0.0,
        Double.MIN_VALUE,
        Double.MAX_VALUE,
        -1.5
    };

    private final Random random;
    private final List<Column> columns = new ArrayList<>();
    private final boolean hasNanos;
    private final long firstTime;
    private final double nullShare;
    private final int distinct;

    public RandomPoints(long seed) {
        random = new Random(seed);
        hasNanos = random.nextBoolean();
        nullShare = new double[] {0, 0.1, 0.9}[random.nextInt(3)];
        distinct = new int[] {2, 10, 100_000}[random.nextInt(3)];
        long[] starts = {0, -3_600_000_000L * 3 - 1, 1_790_000_000_000_000L, -62_000_000_000_000_000L};
        firstTime = starts[random.nextInt(starts.length)];
        int tags = random.nextInt(4);
        int fields = 1 + random.nextInt(6);
        for (int i = 0; i < tags + fields; i++) {
            ColumnType type = i < tags ? ColumnType.TAG : ColumnType.values()[1 + random.nextInt(5)];
            columns.add(random.nextInt(columns.size() + 1), new Column(name(i), type));
        }
    }

    public MeasurementSchema schema() {
        return MeasurementSchema.of(columns, hasNanos);
    }

    public List<Point> points(int count) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Map<String, Object> values = new HashMap<>();
            for (Column column : columns) {
                if (random.nextDouble() >= nullShare) {
                    values.put(column.name(), value(column.type()));
                }
            }
            long time = firstTime + random.nextInt(distinct) * 50_000L;
            points.add(new Point(time, hasNanos && random.nextBoolean() ? random.nextInt(1000) : 0, values));
        }
        return points;
    }

    /** Those points in batches of random size, in order. */
    public List<ColumnBatch> batches(List<Point> points) {
        List<ColumnBatch> batches = new ArrayList<>();
        for (int from = 0; from < points.size(); ) {
            int to = Math.min(points.size(), from + 1 + random.nextInt(100));
            batches.add(PointBatches.of(columns, points.subList(from, to)));
            from = to;
        }
        return batches;
    }

    private static String name(int i) {
        return new String[] {"host", "HOST", "a.b", "Time2", "x y", "\"q\"", "h\u00fc", "TIME2", "select", "v"}[i];
    }

    private Object value(ColumnType type) {
        return switch (type) {
            case TAG -> random.nextBoolean() ? TEXTS[random.nextInt(TEXTS.length)] : "t" + random.nextInt(distinct);
            case STRING ->
                random.nextInt(4) == 0 ? TEXTS[random.nextInt(TEXTS.length)] : "s" + random.nextInt(distinct);
            case INT64, UINT64 ->
                random.nextInt(4) == 0 ? LONGS[random.nextInt(LONGS.length)] : (long) random.nextInt(distinct) - 1;
            case FLOAT64 ->
                random.nextInt(8) == 0 ? DOUBLES[random.nextInt(DOUBLES.length)] : random.nextInt(distinct) / 3.0;
            case BOOLEAN -> random.nextInt(distinct) == 0;
        };
    }
}
