package io.weir.common.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BatchBuilderTest {

    @Test
    void columnsThatAppearLateAreNullBefore() {
        BatchBuilder builder = new BatchBuilder("m");
        int none = builder.series().intern();
        for (int row = 0; row < 100; row++) {
            if (row >= 70) {
                builder.setDouble(builder.field("late", ColumnType.FLOAT64), row);
            }
            if (row == 80) {
                byte[] text = "once".getBytes(UTF_8);
                builder.setString(builder.field("text", ColumnType.STRING), text, 0, text.length);
            }
            builder.setLong(builder.field("always", ColumnType.INT64), row);
            builder.endRow(none, row, 0);
        }
        ColumnBatch batch = builder.build();

        assertThat(batch.columns())
                .containsExactlyInAnyOrder(
                        new Column("always", ColumnType.INT64),
                        new Column("late", ColumnType.FLOAT64),
                        new Column("text", ColumnType.STRING));
        assertThat(batch.timeNanos()).isNull();
        Map<String, FieldColumn> fields = byName(batch);
        assertThat(fields.get("always").validity()).isNull();
        assertThat(fields.get("late").isNull(69)).isTrue();
        assertThat(fields.get("late").isNull(70)).isFalse();
        StringColumn text = (StringColumn) fields.get("text");
        assertThat(text.isNull(79)).isTrue();
        assertThat(text.get(80)).isEqualTo("once");
        assertThat(text.get(99)).isEmpty();
    }

    @Test
    void forecastRowsNeedNoSecondArray() {
        AtomicLong charged = new AtomicLong();
        BatchBuilder builder = new BatchBuilder("m", charged::addAndGet);
        builder.forecast(rows -> rows < 20 ? 0 : 1_050);
        int none = builder.series().intern();
        for (int row = 0; row < 1_000; row++) {
            builder.setLong(builder.field("i", ColumnType.INT64), row);
            builder.setDouble(builder.field("f", ColumnType.FLOAT64), row);
            builder.endRow(none, row, 0);
        }
        ColumnBatch batch = builder.build();

        assertThat(batch.timeMicros()).hasSize(1_050);
        assertThat(((LongColumn) byName(batch).get("i")).values())
                .hasSize(1_050)
                .startsWith(0, 1, 2);
        assertThat(((DoubleColumn) byName(batch).get("f")).values()).hasSize(1_050);
    }

    @Test
    void wrongForecastsAreOutgrown() {
        BatchBuilder builder = new BatchBuilder("m");
        builder.forecast(rows -> rows == 0 ? 3 : rows == 3 ? 10_000 : -1);
        int none = builder.series().intern();
        for (int row = 0; row < 100; row++) {
            builder.setBoolean(builder.field("b", ColumnType.BOOLEAN), row % 2 == 0);
            if (row % 3 == 0) {
                builder.setLong(builder.field("sparse", ColumnType.INT64), row);
            }
            builder.endRow(none, row, row % 7);
        }
        ColumnBatch batch = builder.build();

        assertThat(batch.timeMicros()).hasSize(100);
        assertThat(batch.timeNanos()).hasSize(100);
        LongColumn sparse = (LongColumn) byName(batch).get("sparse");
        assertThat(sparse.isNull(98)).isTrue();
        assertThat(sparse.isNull(99)).isFalse();
        assertThat(sparse.values()[99]).isEqualTo(99);
    }

    @Test
    void abortedRowLeavesNothingBehind() {
        // LESSONS 16
        AtomicLong charged = new AtomicLong();
        BatchBuilder builder = new BatchBuilder("m", charged::addAndGet);
        tag(builder, "host", "a");
        int series = builder.series().intern();
        builder.setLong(builder.field("v", ColumnType.INT64), 1);
        builder.endRow(series, 1, 0);
        long before = charged.get();
        for (int i = 0; i < 1_000; i++) {
            tag(builder, "host", "b" + i);
            tag(builder, "rack" + i, "r");
            builder.series().intern();
            builder.setLong(builder.field("v", ColumnType.INT64), 2);
            builder.setBoolean(builder.field("w" + i, ColumnType.BOOLEAN), true);
            builder.abortRow();
        }
        assertThat(charged.get()).isLessThan(before + 4_096);
        assertThat(builder.sizeBytes()).isEqualTo(charged.get());
        builder.setDouble(builder.field("w1", ColumnType.FLOAT64), 3);
        tag(builder, "host", "a");
        builder.endRow(builder.series().intern(), 2, 0);

        ColumnBatch batch = builder.build();
        assertThat(batch.rows()).isEqualTo(2);
        assertThat(batch.series().size()).isOne();
        assertThat(batch.series().tagNames()).containsExactly("host");
        assertThat(batch.series().dictionary(0).size()).isOne();
        Map<String, FieldColumn> fields = byName(batch);
        assertThat(fields.keySet()).containsExactly("v", "w1");
        assertThat(fields.get("v").isNull(1)).isTrue();
        assertThat(fields.get("w1").type()).isEqualTo(ColumnType.FLOAT64);
    }

    @Test
    void refusedGrowthPassesThrough() {
        BatchBuilder builder = new BatchBuilder("m", delta -> {
            if (delta > 50_000) {
                throw new IllegalStateException("no memory");
            }
        });
        int field = builder.field("v", ColumnType.INT64);
        int series = builder.series().intern();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100_000; i++) {
                        builder.setLong(field, i);
                        builder.endRow(series, i, 0);
                    }
                })
                .hasMessage("no memory");
    }

    @Test
    void rejectsAnotherTypeAndAnEmptyBatch() {
        BatchBuilder builder = new BatchBuilder("m");
        builder.field("v", ColumnType.INT64);
        assertThatThrownBy(() -> builder.field("v", ColumnType.FLOAT64)).hasMessage("field v is INT64, not FLOAT64");
        assertThatThrownBy(() -> builder.field("t", ColumnType.TAG)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void randomRowsEqualANaiveModel() {
        long seed = System.nanoTime();
        for (int round = 0; round < 400; round++) {
            Random random = new Random(seed + round);
            int steps = 1 + random.nextInt(random.nextBoolean() ? 20 : 700);
            compareWithModel(random, steps, "seed " + (seed + round));
        }
    }

    private static void compareWithModel(Random random, int steps, String label) {
        AtomicLong charged = new AtomicLong();
        BatchBuilder builder = new BatchBuilder("m", charged::addAndGet);
        List<Map<String, Object>> model = new ArrayList<>();
        boolean nanos = random.nextBoolean();
        for (int step = 0; step < steps; step++) {
            Map<String, Object> row = new TreeMap<>();
            for (int t = random.nextInt(4); t > 0; t--) {
                String name = "t" + random.nextInt(5);
                if (!row.containsKey(name)) {
                    String value = "v".repeat(random.nextInt(20)) + random.nextInt(30);
                    tag(builder, name, value);
                    row.put(name, value);
                }
            }
            int series = builder.series().intern();
            for (int f = 1 + random.nextInt(6); f > 0; f--) {
                set(builder, random, row);
            }
            long micros = random.nextInt(1_000) - 500;
            int nano = nanos ? random.nextInt(3) : 0;
            if (random.nextInt(4) == 0) {
                builder.abortRow();
            } else {
                builder.endRow(series, micros, nano);
                row.put("time", micros * 1_000 + nano);
                model.add(row);
            }
        }
        if (random.nextBoolean()) {
            builder.setLong(builder.field("i9", ColumnType.INT64), 1);
        }
        if (model.isEmpty()) {
            return;
        }
        long grown = builder.sizeBytes();
        ColumnBatch batch = builder.build();
        assertThat(rows(batch)).as(label).isEqualTo(model);
        assertThat(batch.sizeBytes()).as(label).isLessThan(grown + 2_048);
        assertThat(batch.timeMicros().length).isLessThanOrEqualTo(Math.max(1, batch.rows() * 5 / 4));
        for (FieldColumn field : batch.fields()) {
            long[] validity = field.validity();
            assertThat(validity == null || Bits.cardinality(validity, batch.rows()) > 0)
                    .isTrue();
        }
    }

    private static void set(BatchBuilder builder, Random random, Map<String, Object> row) {
        int n = random.nextInt(3);
        switch (random.nextInt(4)) {
            case 0 -> {
                long value = random.nextLong();
                builder.setLong(builder.field("i" + n, n == 0 ? ColumnType.UINT64 : ColumnType.INT64), value);
                row.put("i" + n, value);
            }
            case 1 -> {
                builder.setDouble(builder.field("d" + n, ColumnType.FLOAT64), 0.5 * n);
                row.put("d" + n, 0.5 * n);
            }
            case 2 -> {
                boolean value = random.nextBoolean();
                builder.setBoolean(builder.field("b" + n, ColumnType.BOOLEAN), value);
                row.put("b" + n, value);
            }
            default -> {
                byte[] value = ("é".repeat(random.nextInt(6)) + n).getBytes(UTF_8);
                builder.setString(builder.field("s" + n, ColumnType.STRING), value, 0, value.length);
                row.put("s" + n, new String(value, UTF_8));
            }
        }
    }

    private static void tag(BatchBuilder builder, String name, String value) {
        byte[] utf8 = value.getBytes(UTF_8);
        int tag = builder.series().tag(name);
        builder.series().stage(tag, builder.series().code(tag, utf8, 0, utf8.length));
    }

    private static Map<String, FieldColumn> byName(ColumnBatch batch) {
        Map<String, FieldColumn> fields = new TreeMap<>();
        batch.fields().forEach(field -> fields.put(field.name(), field));
        return fields;
    }

    private static List<Map<String, Object>> rows(ColumnBatch batch) {
        List<Map<String, Object>> rows = new ArrayList<>();
        short[] nanos = batch.timeNanos();
        for (int r = 0; r < batch.rows(); r++) {
            Map<String, Object> row = new TreeMap<>();
            row.put("time", batch.timeMicros()[r] * 1_000 + (nanos == null ? 0 : nanos[r]));
            SeriesTable series = batch.series();
            for (int tag = 0; tag < series.tagNames().size(); tag++) {
                int code = series.code(tag, batch.seriesOfRow()[r]);
                if (code != SeriesTable.ABSENT) {
                    row.put(series.tagNames().get(tag), series.dictionary(tag).get(code));
                }
            }
            for (FieldColumn field : batch.fields()) {
                if (!field.isNull(r)) {
                    row.put(field.name(), value(field, r));
                }
            }
            rows.add(row);
        }
        return rows;
    }

    private static Object value(FieldColumn field, int row) {
        if (field instanceof LongColumn column) {
            return column.values()[row];
        } else if (field instanceof DoubleColumn column) {
            return column.values()[row];
        } else if (field instanceof BooleanColumn column) {
            return Bits.get(column.bits(), row);
        }
        return ((StringColumn) field).get(row);
    }
}
