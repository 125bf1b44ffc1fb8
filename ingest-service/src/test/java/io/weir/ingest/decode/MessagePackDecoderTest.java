package io.weir.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.StringColumn;
import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.IngestError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

class MessagePackDecoderTest {

    private static final long NOW = 1_700_000_000_123_456_789L;
    private static final DecodeOptions OPTIONS = DecodeOptions.of(Precision.AUTO, NOW);

    @Test
    void columnsBecomeOneBatch() {
        Object body = map(
                "columns",
                map(
                        "v", list(1.5, null, 3),
                        "time", list(1_700_000_000_000L, 1_700_000_000_001L, 1_700_000_000_002L),
                        "host", list("a", "b", null),
                        "s", list("x", "y", "z"),
                        "ok", list(null, true, false),
                        "none", list(null, null, null)),
                "tags",
                list("host", "rack"),
                "m",
                "cpu");
        List<DecodedRow> rows = rows(OPTIONS, body);
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).tags()).isEqualTo(Map.of("host", "a"));
        assertThat(rows.get(0).fields()).isEqualTo(Map.of("v", 1.5, "s", "x"));
        assertThat(rows.get(0).timeNanos()).isEqualTo(1_700_000_000_000_000_000L);
        assertThat(rows.get(1).fields()).isEqualTo(Map.of("s", "y", "ok", true));
        assertThat(rows.get(2).tags()).isEmpty();
        // LESSONS 17: nil is missing, never zero.
        assertThat(rows.get(2).fields()).isEqualTo(Map.of("v", 3.0, "s", "z", "ok", false));
    }

    @Test
    void rowsBatchesAndArraysMix() {
        Object row = map("m", "cpu", "t", 1_700_000_000L, "tags", map("host", "a"), "fields", map("v", 1));
        Object shortRow = map("m", "cpu", "t", 1_700_000_001L, "f", map("v", 2.5, "w", "x"));
        Object columns = map("m", "mem", "columns", map("time", list(1L), "used", list(7)));
        List<DecodedRow> rows = rows(OPTIONS, list(row, map("batch", list(shortRow, columns)), list(row)));
        assertThat(rows).hasSize(4);
        assertThat(rows).extracting(DecodedRow::measurement).containsExactly("mem", "cpu", "cpu", "cpu");
        // Some writers send whole floats as integers: the request's values decide together.
        assertThat(rows.get(1).fields()).isEqualTo(Map.of("v", 1.0));
        assertThat(rows.get(2).fields()).isEqualTo(Map.of("v", 2.5, "w", "x"));
        assertThat(rows.get(2).tags()).isEmpty();
    }

    @Test
    void stringsThatRepeatAreCodedAndOthersKeepBytesOfTheirOwn() {
        Object[] states = new Object[100];
        Object[] messages = new Object[100];
        for (int row = 0; row < 100; row++) {
            states[row] = row % 7 == 0 ? null : "state " + row % 3;
            messages[row] = "message " + row;
        }
        Object body = map("m", "m", "columns", map("state", list(states), "text", list(messages)));
        ColumnBatch batch = decode(OPTIONS, pack(body), 1_000).batches().get(0);
        StringColumn state = (StringColumn) batch.fields().get(0);
        StringColumn text = (StringColumn) batch.fields().get(1);
        assertThat(state.codes()).isNotNull();
        assertThat(state.texts().size()).isEqualTo(3);
        assertThat(text.codes()).isNull();
        for (int row = 0; row < 100; row++) {
            assertThat(state.isNull(row) ? null : state.get(row)).isEqualTo(states[row]);
            assertThat(text.get(row)).isEqualTo(messages[row]);
        }
    }

    @Test
    void missingTimeIsTheReceiveTime() {
        assertThat(rows(OPTIONS, map("m", "m", "f", map("v", 1))).get(0).timeNanos())
                .isEqualTo(NOW);
        assertThat(rows(OPTIONS, map("m", "m", "columns", map("v", list(1))))
                        .get(0)
                        .timeNanos())
                .isEqualTo(NOW);
        DecodeOptions seconds = DecodeOptions.of(Precision.SECOND, NOW);
        assertThat(rows(seconds, map("m", "m", "t", null, "f", map("v", 1)))
                        .get(0)
                        .timeNanos())
                .isEqualTo(1_700_000_000_000_000_000L);
    }

    @Test
    void unitComesFromThePrecisionOrTheWholeColumn() {
        Object small = map("m", "m", "columns", map("time", list(5L, 0L), "v", list(1, 2)));
        assertThat(rows(DecodeOptions.of(Precision.MILLISECOND, NOW), small)
                        .get(0)
                        .timeNanos())
                .isEqualTo(5_000_000L);
        assertThat(rows(OPTIONS, small).get(0).timeNanos()).isEqualTo(5_000_000_000L);
        Object mixed = map("m", "m", "columns", map("time", list(1_700_000_000L, 1_700_000_000_000L), "v", list(1, 2)));
        WeirException failure = failure(OPTIONS, mixed);
        assertThat(failure.detail())
                .startsWith(
                        "item 0, column \"time\", row 1: timestamps of different magnitudes, seconds and milliseconds"
                                + " (expected: one unit, or the precision parameter) at byte ");
        assertThat(failure.context())
                .containsEntry("index", 0)
                .containsEntry("column", "time")
                .containsEntry("row", 1);
        assertThat(failure(
                                OPTIONS,
                                list(
                                        map("m", "m", "t", 1_700_000_000L, "f", map("v", 1)),
                                        map("m", "m", "t", 1_700_000_000_000L, "f", map("v", 1))))
                        .context())
                .containsEntry("index", 1);
    }

    @Test
    void timestampExtensionsAreExact() throws IOException {
        MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();
        packer.packMapHeader(3).packString("m").packString("m").packString("t");
        packer.packTimestamp(-1, 5)
                .packString("f")
                .packMapHeader(1)
                .packString("v")
                .packInt(1);
        byte[] body = packer.toByteArray();
        DecodedWrite write = new MessagePackDecoder(OPTIONS).decode(body, 0, body.length);
        assertThat(DecodedRow.of(write.batches().get(0)).get(0).timeNanos()).isEqualTo(-999_999_995L);
    }

    @Test
    void schemaDecidesWhatItKnows() {
        MeasurementSchema known = MeasurementSchema.of(
                List.of(
                        new Column("host", ColumnType.TAG),
                        new Column("f", ColumnType.FLOAT64),
                        new Column("u", ColumnType.UINT64),
                        new Column("i", ColumnType.INT64)),
                false);
        DecodeOptions options = OPTIONS.withSchemas(name -> known);
        Object body = map("m", "m", "columns", map("host", list("a"), "f", list(1), "u", list(2), "i", list(3)));
        DecodedRow row = rows(options, body).get(0);
        assertThat(row.tags()).isEqualTo(Map.of("host", "a"));
        assertThat(row.fields()).isEqualTo(Map.of("f", 1.0, "u", BigInteger.TWO, "i", 3L));
        assertThat(failure(options, map("m", "m", "columns", map("v", list(1, 1), "i", list(1, 1.5))))
                        .detail())
                .startsWith("item 0, column \"i\", row 1: is integer but the value is float at byte ");
        assertThat(failure(options, map("m", "m", "f", map("host", "a"))).detail())
                .contains("is a tag (expected: a field of another name)");
        assertThat(failure(options, map("m", "m", "tags", map("i", "a"), "f", map("f", 1)))
                        .detail())
                .contains("is a field of type integer (expected: a tag of another name)");
    }

    @Test
    void integersTakeTheTypeThatHoldsAll() {
        BigInteger huge = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
        assertThat(rows(OPTIONS, map("m", "m", "columns", map("v", list(1, huge))))
                        .get(1)
                        .fields())
                .isEqualTo(Map.of("v", huge));
        assertThat(failure(OPTIONS, map("m", "m", "columns", map("v", list(-1, huge))))
                        .detail())
                .contains("values are of types that do not go together: negative integer, integer beyond 2^63");
        assertThat(rows(OPTIONS, map("m", "m", "columns", map("v", list(huge, 0.5))))
                        .get(0)
                        .fields())
                .isEqualTo(Map.of("v", 18446744073709551615.0));
    }

    @Test
    void anyFaultFailsTheRequestAndSaysWhere() {
        Map<String, Object> faults = new LinkedHashMap<>();
        faults.put("is neither columns", map("m", "m"));
        faults.put("unknown key \"x\"", map("m", "m", "x", 1));
        faults.put(
                "has 1 values (expected: 2 as before)", map("m", "m", "columns", map("a", list(1, 2), "b", list(1))));
        faults.put("values are of types that do not go together", map("m", "m", "columns", map("a", list(1, "x"))));
        faults.put("no field has a value", map("m", "m", "columns", map("a", Arrays.asList((Object) null))));
        faults.put("value is array", map("m", "m", "f", map("a", list(1))));
        faults.put("column name \"time\" is reserved", map("m", "m", "f", map("time", 1)));
        faults.put("measurement name is empty", map("m", "", "f", map("a", 1)));
        faults.put("found string (expected: a map or an array of maps)", "x");
        faults.put("timestamp is float", map("m", "m", "t", 1.5, "f", map("a", 1)));
        faults.put("nested deeper", list(list(list(list(list())))));
        faults.put("is not between the years", map("m", "m", "t", Long.MAX_VALUE / 1_000, "f", map("a", 1)));
        faults.forEach((reason, body) -> {
            DecodeOptions options =
                    reason.startsWith("is not between") ? DecodeOptions.of(Precision.SECOND, NOW) : OPTIONS;
            WeirException failure = failure(options, list(map("m", "ok", "f", map("a", 1)), body));
            assertThat(failure.code()).isEqualTo(IngestError.INVALID_MESSAGEPACK);
            assertThat(failure.detail()).contains(reason).matches("(?s).* at byte [0-9]+");
            assertThat(failure.context()).containsKeys("index", "reason", "offset");
        });
        assertThat(failure(OPTIONS, null).detail())
                .isEqualTo("found nil (expected: a map or an array of maps) at byte 0");
    }

    @Test
    void everyCutAndEveryFlipFailsCleanlyOrDecodes() {
        byte[] body = pack(list(
                map("m", "cpu", "columns", map("time", list(1L, 2L), "host", list("a", "b"), "v", list(1, 2.5))),
                map("m", "cpu", "t", 5L, "tags", map("host", "é"), "f", map("v", 1, "s", "text"))));
        for (int length = 0; length < body.length; length++) {
            byte[] cut = Arrays.copyOf(body, length);
            assertThat(catchThrowableOfType(WeirException.class, () -> decode(OPTIONS, cut, 1))
                            .code())
                    .isEqualTo(IngestError.INVALID_MESSAGEPACK);
        }
        Random random = new Random(5);
        for (int i = 0; i < 100_000; i++) {
            byte[] damaged = body.clone();
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                damaged[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            AtomicLong charged = new AtomicLong();
            try {
                DecodedWrite write = decode(OPTIONS.withMemory(charged::addAndGet), damaged, 100);
                assertThat(charged.get())
                        .isEqualTo(write.batches().stream()
                                .mapToLong(ColumnBatch::sizeBytes)
                                .sum());
            } catch (WeirException e) {
                assertThat(e.code()).isEqualTo(IngestError.INVALID_MESSAGEPACK);
                assertThat(charged.get()).isLessThan(100_000);
            }
        }
    }

    @Test
    void randomRequestsEqualANaiveModel() {
        long seed = System.nanoTime();
        for (int i = 0; i < 3_000; i++) {
            Random random = new Random(seed + i);
            int count = 1 + random.nextInt(40);
            List<Map<String, Object>> model = new ArrayList<>();
            Map<String, Object> columns = new LinkedHashMap<>();
            List<Object> times = new ArrayList<>();
            for (int row = 0; row < count; row++) {
                times.add(1_600_000_000_000_000_000L + random.nextInt(2_000));
                model.add(new LinkedHashMap<>());
            }
            columns.put("time", times);
            for (String name : List.of("t1", "t2", "i", "d", "b", "s")) {
                List<Object> values = new ArrayList<>();
                for (int row = 0; row < count; row++) {
                    Object value = random.nextInt(4) == 0 ? null : value(name, random);
                    values.add(value);
                    if (value != null) {
                        model.get(row).put(name, value);
                    }
                }
                columns.put(name, values);
            }
            columns.put("always", new ArrayList<>(java.util.Collections.nCopies(count, (Object) true)));
            boolean asRows = random.nextBoolean();
            Object body = asRows
                    ? map("batch", asRows(model, times))
                    : map("tags", list("t1", "t2"), "columns", columns, "m", "m");
            List<DecodedRow> rows = rows(OPTIONS, body);
            for (int row = 0; row < count; row++) {
                Map<String, Object> found = new LinkedHashMap<>(rows.get(row).fields());
                assertThat(found.remove("always")).isEqualTo(true);
                found.putAll(rows.get(row).tags());
                assertThat(found).as("seed " + (seed + i)).isEqualTo(model.get(row));
                assertThat(rows.get(row).timeNanos()).isEqualTo(times.get(row));
            }
        }
    }

    private static List<Object> asRows(List<Map<String, Object>> model, List<Object> times) {
        List<Object> rows = new ArrayList<>();
        for (int row = 0; row < model.size(); row++) {
            Map<String, Object> tags = new LinkedHashMap<>();
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("always", true);
            model.get(row).forEach((name, value) -> (name.startsWith("t") ? tags : fields).put(name, value));
            rows.add(map("m", "m", "t", times.get(row), "tags", tags, "fields", fields));
        }
        return rows;
    }

    private static Object value(String name, Random random) {
        return switch (name) {
            case "i" -> random.nextLong();
            case "d" -> random.nextDouble() + 0.1;
            case "b" -> random.nextBoolean();
            case "s" -> "é".repeat(random.nextInt(5));
            default -> "v" + random.nextInt(4);
        };
    }

    private static List<DecodedRow> rows(DecodeOptions options, Object body) {
        return decode(options, pack(body), 7).batches().stream()
                .flatMap(batch -> DecodedRow.of(batch).stream())
                .toList();
    }

    private static WeirException failure(DecodeOptions options, Object body) {
        byte[] bytes = pack(body);
        return catchThrowableOfType(WeirException.class, () -> decode(options, bytes, 1_000));
    }

    private static DecodedWrite decode(DecodeOptions options, byte[] body, int piece) {
        MessagePackDecoder decoder = new MessagePackDecoder(options);
        for (int at = 0; at < body.length; at += piece) {
            decoder.feed(body, at, Math.min(piece, body.length - at));
        }
        return decoder.finish();
    }

    private static Map<String, Object> map(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private static List<Object> list(Object... values) {
        return Arrays.asList(values);
    }

    private static byte[] pack(Object value) {
        try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
            pack(packer, value);
            return packer.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pack(MessageBufferPacker packer, Object value) throws IOException {
        if (value == null) {
            packer.packNil();
        } else if (value instanceof Map<?, ?> map) {
            packer.packMapHeader(map.size());
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                pack(packer, entry.getKey());
                pack(packer, entry.getValue());
            }
        } else if (value instanceof List<?> list) {
            packer.packArrayHeader(list.size());
            for (Object element : list) {
                pack(packer, element);
            }
        } else if (value instanceof String text) {
            packer.packString(text);
        } else if (value instanceof Double number) {
            packer.packDouble(number);
        } else if (value instanceof BigInteger number) {
            packer.packBigInteger(number);
        } else if (value instanceof Boolean bool) {
            packer.packBoolean(bool);
        } else {
            packer.packLong(((Number) value).longValue());
        }
    }
}
