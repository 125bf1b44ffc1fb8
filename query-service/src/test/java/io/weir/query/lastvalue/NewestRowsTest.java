package io.weir.query.lastvalue;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.ColumnType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is picked, against a plain reading of the rule over maps. */
class NewestRowsTest {

    private static final List<String> TAGS = List.of("host", "region");
    private static final List<String> FIELDS = List.of("f", "i", "s", "b");

    /** One row as text: its tags, its time and its values. */
    record Row(Map<String, String> tags, long micros, int nanos, Map<String, Object> values) {}

    private static Row random(Random random, boolean sparse) {
        Map<String, String> tags = new TreeMap<>();
        for (String tag : TAGS) {
            if (random.nextInt(4) > 0) {
                tags.put(tag, "t" + random.nextInt(3));
            }
        }
        Map<String, Object> values = new TreeMap<>();
        for (String field : FIELDS) {
            if (!sparse || random.nextBoolean()) {
                values.put(field, value(field, random));
            }
        }
        return new Row(tags, random.nextInt(20) - 10, random.nextInt(3), values);
    }

    private static Object value(String field, Random random) {
        return switch (field) {
            case "f" -> random.nextDouble();
            case "i" -> random.nextLong();
            case "b" -> random.nextBoolean();
            default -> "s" + random.nextInt(100);
        };
    }

    private static ColumnBatch batch(List<Row> rows) {
        BatchBuilder builder = new BatchBuilder("m");
        for (Row row : rows) {
            row.tags().forEach((tag, value) -> {
                byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
                int index = builder.series().tag(tag);
                builder.series().stage(index, builder.series().code(index, utf8, 0, utf8.length));
            });
            row.values().forEach((field, value) -> {
                if (value instanceof Double d) {
                    builder.setDouble(builder.field(field, ColumnType.FLOAT64), d);
                } else if (value instanceof Long l) {
                    builder.setLong(builder.field(field, ColumnType.INT64), l);
                } else if (value instanceof Boolean b) {
                    builder.setBoolean(builder.field(field, ColumnType.BOOLEAN), b);
                } else {
                    byte[] utf8 = ((String) value).getBytes(StandardCharsets.UTF_8);
                    builder.setString(builder.field(field, ColumnType.STRING), utf8, 0, utf8.length);
                }
            });
            builder.endRow(builder.series().intern(), row.micros(), row.nanos());
        }
        return builder.build();
    }

    private static List<String> texts(@Nullable ColumnBatch batch) {
        List<String> texts = new ArrayList<>();
        for (int row = 0; batch != null && row < batch.rows(); row++) {
            Map<String, String> tags = new TreeMap<>();
            int series = batch.seriesOfRow()[row];
            for (int tag = 0; tag < batch.series().tagNames().size(); tag++) {
                int code = batch.series().code(tag, series);
                if (code >= 0) {
                    var values = batch.series().dictionary(tag);
                    tags.put(
                            batch.series().tagNames().get(tag),
                            new String(
                                    values.bytes(),
                                    values.start(code),
                                    values.end(code) - values.start(code),
                                    StandardCharsets.UTF_8));
                }
            }
            Map<String, Object> values = new TreeMap<>();
            for (var field : batch.fields()) {
                if (!field.isNull(row)) {
                    values.put(field.name(), BatchValues.of(field, row));
                }
            }
            int nanos = batch.timeNanos() == null ? 0 : batch.timeNanos()[row];
            texts.add(new Row(tags, batch.timeMicros()[row], nanos, values).toString());
        }
        texts.sort(null);
        return texts;
    }

    private static List<String> expected(List<Row> rows) {
        Map<Map<String, String>, Long> latest = new HashMap<>();
        Map<String, Long> latestValue = new HashMap<>();
        for (Row row : rows) {
            latest.merge(row.tags(), row.micros(), Math::max);
            row.values().keySet().forEach(field -> latestValue.merge(row.tags() + field, row.micros(), Math::max));
        }
        return rows.stream()
                .filter(row -> row.micros() == latest.get(row.tags())
                        || row.values().keySet().stream()
                                .anyMatch(field -> latestValue.get(row.tags() + field) == row.micros()))
                .map(Row::toString)
                .sorted()
                .toList();
    }

    @Test
    void theRowsPickedAreThoseOfTheRule() {
        long seed = Long.getLong("weir.fuzz.seed", new Random().nextLong());
        System.out.println("NewestRowsTest seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            boolean sparse = random.nextBoolean();
            List<Row> all = new ArrayList<>();
            List<ColumnBatch> batches = new ArrayList<>();
            ColumnBatch folded = null;
            for (int part = 1 + random.nextInt(4); part > 0; part--) {
                List<Row> rows = new ArrayList<>();
                for (int n = 1 + random.nextInt(60); n > 0; n--) {
                    rows.add(random(random, sparse));
                }
                all.addAll(rows);
                batches.add(batch(rows));
                folded = NewestRows.of(folded == null ? List.of(batch(rows)) : List.of(folded, batch(rows)));
            }
            assertThat(texts(NewestRows.of(batches)))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(expected(all));
            assertThat(texts(folded))
                    .as("in steps; seed %d, round %d", seed, round)
                    .isEqualTo(expected(all));
        }
    }

    @Test
    void noRowsAreNoBatch() {
        assertThat(NewestRows.of(List.of())).isNull();
    }

    @Test
    void integersBesideFloatsBecomeFloats() {
        Row whole = new Row(Map.of("host", "a"), 1, 0, Map.of("x", 7L));
        Row real = new Row(Map.of("host", "b"), 1, 0, Map.of("x", 2.5));
        ColumnBatch picked = NewestRows.of(List.of(batch(List.of(whole)), batch(List.of(real))));
        assertThat(texts(picked)).anyMatch(text -> text.contains("x=7.0")).anyMatch(text -> text.contains("x=2.5"));
    }

    @Test
    void manySeriesWithManyFieldsThatRowsLackAreRefused() { // invariant 3
        BatchBuilder builder = new BatchBuilder("m");
        int host = builder.series().tag("host");
        for (int row = 0; row < 20_000; row++) {
            byte[] value = ("h" + row).getBytes(StandardCharsets.UTF_8);
            builder.series().stage(host, builder.series().code(host, value, 0, value.length));
            builder.setLong(builder.field("f" + row % 500, ColumnType.INT64), row);
            builder.endRow(builder.series().intern(), row, 0);
        }
        assertThat(NewestRows.canPick(List.of(builder.build()))).isFalse();
        assertThat(NewestRows.canPick(List.of(batch(List.of(random(new Random(1), true))))))
                .isTrue();
    }
}
