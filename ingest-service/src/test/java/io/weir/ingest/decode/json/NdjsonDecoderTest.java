package io.weir.ingest.decode.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.management.ThreadMXBean;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.decode.DecodeLimits;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedRow;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.LineError;
import io.weir.ingest.decode.Precision;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class NdjsonDecoderTest {

    private static final long RECEIVED = 1_650_000_000_123_456_789L;
    private static final DecodeOptions OPTIONS = DecodeOptions.of(Precision.AUTO, RECEIVED);
    private static final RowDefaults CPU = new RowDefaults("cpu", Set.of("host"));

    private static DecodedWrite decode(DecodeOptions options, RowDefaults defaults, String... lines) {
        byte[] body = String.join("\n", lines).getBytes(UTF_8);
        NdjsonDecoder decoder = new NdjsonDecoder(options, defaults);
        decoder.feed(body, 0, body.length);
        return decoder.finish();
    }

    private static List<DecodedRow> rows(DecodedWrite write, String measurement) {
        return DecodedRow.byMeasurement(write.batches()).getOrDefault(measurement, List.of());
    }

    private static DecodedRow row(String line) {
        DecodedWrite write = decode(OPTIONS, CPU, line);
        assertThat(write.errors()).isEmpty();
        return rows(write, "cpu").get(0);
    }

    private static LineError error(String... lines) {
        DecodedWrite write = decode(OPTIONS, CPU, lines);
        assertThat(write.rejectedRows()).isEqualTo(1);
        return write.errors().get(0);
    }

    @Test
    void aFlatRowBelongsToTheMeasurementOfTheRequest() {
        DecodedRow row =
                row("{\"time\":1700000000,\"host\":\"a\",\"usage\":1.5,\"count\":3,\"ok\":true,\"note\":\"x\"}");
        assertThat(row.timeNanos()).isEqualTo(1_700_000_000_000_000_000L);
        assertThat(row.tags()).isEqualTo(Map.of("host", "a"));
        assertThat(row.fields()).isEqualTo(Map.of("usage", 1.5, "count", 3L, "ok", true, "note", "x"));
    }

    @Test
    void aLongRowNamesItsMeasurementAndItsTags() {
        DecodedWrite write = decode(
                OPTIONS,
                CPU,
                "{\"m\":\"mem\",\"t\":1700000000000,\"tags\":{\"rack\":\"r1\"},\"fields\":{\"free\":7}}",
                "{\"fields\":{\"free\":8},\"tags\":null,\"m\":\"mem\"}",
                "{\"tags\":{\"rack\":\"r2\"},\"f\":{\"usage\":1.0}}");
        assertThat(write.errors()).isEmpty();
        assertThat(rows(write, "mem"))
                .containsExactly(
                        new DecodedRow("mem", tree("rack", "r1"), tree("free", 7L), 1_700_000_000_000_000_000L),
                        new DecodedRow("mem", tree(), tree("free", 8L), RECEIVED));
        assertThat(rows(write, "cpu"))
                .containsExactly(new DecodedRow("cpu", tree("rack", "r2"), tree("usage", 1.0), RECEIVED));
    }

    @Test
    void keysOfLongRowsAreColumnsInFlatOnes() {
        DecodedRow row = row("{\"m\":\"x\",\"t\":5,\"tags\":\"none\",\"fields\":2,\"f\":true}");
        assertThat(row.fields()).isEqualTo(Map.of("m", "x", "t", 5L, "tags", "none", "fields", 2L, "f", true));
    }

    @Test
    void numbersAreExact() {
        DecodedRow row = row("{\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":0.1,\"d\":5e-324,\"e\":-0.0,"
                + "\"f\":123456789012345678901234567890.5,\"g\":1.7976931348623157e308}");
        assertThat(row.fields())
                .isEqualTo(Map.of(
                        "a",
                        Long.MAX_VALUE,
                        "b",
                        Long.MIN_VALUE,
                        "c",
                        0.1,
                        "d",
                        Double.MIN_VALUE,
                        "e",
                        -0.0,
                        "f",
                        123456789012345678901234567890.5,
                        "g",
                        Double.MAX_VALUE));
    }

    @Test
    void theSchemaSaysWhatAnIntegerBecomes() {
        MeasurementSchema schema = MeasurementSchema.of(
                List.of(
                        new Column("f", ColumnType.FLOAT64),
                        new Column("u", ColumnType.UINT64),
                        new Column("rack", ColumnType.TAG)),
                false);
        DecodeOptions options = OPTIONS.withSchemas(name -> schema);
        DecodedWrite write = decode(
                options,
                CPU,
                "{\"f\":7,\"u\":18446744073709551615,\"rack\":\"r\"}",
                "{\"x\":18446744073709551615}",
                "{\"u\":-1}",
                "{\"u\":1.0}");
        assertThat(rows(write, "cpu"))
                .containsExactly(new DecodedRow(
                        "cpu",
                        tree("rack", "r"),
                        tree("f", 7.0, "u", new BigInteger("18446744073709551615")),
                        RECEIVED));
        assertThat(write.errors())
                .extracting(LineError::message)
                .containsExactly(
                        "number \"18446744073709551615\" is out of range at line 2, column 6 (expected: a signed 64-bit integer)",
                        "number \"-1\" is out of range at line 3, column 6 (expected: an unsigned 64-bit integer)",
                        "field \"u\" is unsigned but the value is float at line 4, column 6 (expected: unsigned)");
    }

    @Test
    void aBadLineCostsNoOtherAndLeavesNoColumn() { // LESSONS 16, 64
        DecodedWrite write = decode(
                OPTIONS, CPU, "{\"v\":1}", "{\"v\":1.5,\"fresh\":1}", "{\"fresh\":\"text\",\"host\":5}", "{\"v\":2}");
        assertThat(rows(write, "cpu")).extracting(DecodedRow::fields).containsExactly(tree("v", 1L), tree("v", 2L));
        assertThat(write.batches()).hasSize(1);
        assertThat(write.batches().get(0).fields()).hasSize(1);
        assertThat(write.errors())
                .extracting(LineError::lineNumber, LineError::kind, LineError::message)
                .containsExactly(
                        tuple(
                                2,
                                LineError.Kind.TYPE_CONFLICT,
                                "field \"v\" is integer but the value is float at line 2, column 6 (expected: integer)"),
                        tuple(
                                3,
                                LineError.Kind.TYPE_CONFLICT,
                                "tag \"host\" has a value that is integer at line 3, column 24 (expected: a string)"));
    }

    @Test
    void nullIsAMissingValue() { // LESSONS 17
        DecodedWrite write = decode(
                OPTIONS,
                CPU,
                "{\"a\":null,\"b\":1,\"host\":null,\"time\":null}",
                "{\"a\":\"x\",\"b\":null}",
                "{\"b\":null}");
        assertThat(rows(write, "cpu")).extracting(DecodedRow::fields).containsExactly(tree("b", 1L), tree("a", "x"));
        assertThat(write.errors().get(0).message())
                .isEqualTo("row has no field with a value at line 3, column 1 (expected: at least one)");
    }

    @Test
    void windowsLineEndsAndBlankLinesAreAccepted() { // LESSONS 61
        DecodedWrite write = decode(OPTIONS, CPU, "{\"v\":1}\r", "\r", "  \t", "", " {\"v\":2} \r", "{\"v\":}\r");
        assertThat(write.acceptedRows()).isEqualTo(2);
        assertThat(write.errors()).extracting(LineError::lineNumber).containsExactly(6);
        assertThat(write.errors().get(0).originalLine()).isEqualTo("{\"v\":}");
    }

    @Test
    void faultsSayWhatWhereAndWhatWasExpected() {
        assertThat(error("{\"v\":{\"w\":1}}").message())
                .isEqualTo("value of \"v\" is an object at line 1, column 6"
                        + " (expected: a number, a string, true, false or null)");
        assertThat(error("", "{\"v\":[1]}").message())
                .isEqualTo("value of \"v\" is an array at line 2, column 6"
                        + " (expected: a number, a string, true, false or null)");
        assertThat(error("{\"v\":1,\"v\":2}").message())
                .isEqualTo("key \"v\" stands twice in the row at line 1, column 8 (expected: each key once)");
        assertThat(error("{\"v\":1,}").message())
                .isEqualTo(
                        "unexpected \"}\" where a key should be at line 1, column 8 (expected: a key in double quotes)");
        assertThat(error("{\"v\":\"a").message())
                .isEqualTo("string is not closed at line 1, column 8 (expected: a closing double quote)");
        assertThat(error("{\"v\":\"\\ud83dx\"}").message())
                .isEqualTo("\\ud83d is half a character at line 1, column 7"
                        + " (expected: a surrogate pair, high half first)");
        assertThat(error("{\"v\":01}").message())
                .isEqualTo("number is malformed at line 1, column 6 (expected: no zero before other digits)");
        assertThat(error("{\"time\":\"yesterday\",\"v\":1}").message())
                .isEqualTo("time \"yesterday\" is no time at line 1, column 9 (expected: a string as in RFC 3339,"
                        + " such as \"2026-11-20T08:15:30.123456789Z\")");
        assertThat(error("{\"v\":1} x").message())
                .isEqualTo("unexpected \"x\" behind the row at line 1, column 9 (expected: the end of the line)");
        assertThat(error("{\"m\":\"cpu\",\"fields\":{\"v\":1},\"host\":\"a\"}").message())
                .isEqualTo("unknown key \"host\" at line 1, column 29"
                        + " (expected: m, t, tags, fields or f, as the row has one of the last three)");
    }

    @Test
    void aRowWithoutMeasurementIsBad() {
        DecodedWrite write = decode(OPTIONS, RowDefaults.NONE, "{\"v\":1}", "{\"m\":\"cpu\",\"fields\":{\"v\":1}}");
        assertThat(write.acceptedRows()).isEqualTo(1);
        assertThat(write.errors().get(0).message())
                .startsWith("row names no measurement at line 1, column 1 (expected: the parameter measurement, or ");
    }

    @Test
    void timesOfRfc3339AreExactToTheNanosecond() {
        assertThat(row("{\"time\":\"2024-02-29T23:59:59.123456789+01:30\",\"v\":1}")
                        .timeNanos())
                .isEqualTo(1_709_245_799_123_456_789L);
        assertThat(row("{\"time\":\"1677-09-21T00:12:43.145224192Z\",\"v\":1}").timeNanos())
                .isEqualTo(Long.MIN_VALUE);
        assertThat(error("{\"time\":\"2262-04-11T23:47:16.854775808Z\",\"v\":1}")
                        .message())
                .isEqualTo("time \"2262-04-11T23:47:16.854775808Z\" is out of range at line 1, column 9"
                        + " (expected: the years 1677 to 2262)");
    }

    @Test
    void escapedKeysAreTheKeysTheySpell() {
        DecodedRow row = row("{\"\\u0068ost\":\"a\",\"q\\\"\":1,\"\\u00e9\":\"\\ud83d\\ude00\\n\"}");
        assertThat(row.tags()).isEqualTo(Map.of("host", "a"));
        assertThat(row.fields()).isEqualTo(Map.of("q\"", 1L, "é", "\ud83d\ude00\n"));
        assertThat(error("{\"v\":1,\"\\u0076\":2}").message()).startsWith("key \"v\" stands twice in the row");
    }

    @Test
    void aTagNamedTimeIsNotTheTime() {
        DecodedWrite write = decode(
                OPTIONS,
                CPU,
                "{\"tags\":{\"host\":\"a\",\"time\":\"noon\"},\"fields\":{\"v\":1}}",
                "{\"host\":\"a\",\"time\":1700000000,\"v\":2}",
                "{\"tags\":{\"host\":\"a\",\"time\":\"noon\"},\"fields\":{\"v\":3}}",
                "{\"fields\":{\"v\":4,\"time\":1}}");
        assertThat(rows(write, "cpu"))
                .extracting(DecodedRow::tags, DecodedRow::timeNanos)
                .containsExactly(
                        tuple(tree("host", "a", "time", "noon"), RECEIVED),
                        tuple(tree("host", "a"), 1_700_000_000_000_000_000L),
                        tuple(tree("host", "a", "time", "noon"), RECEIVED));
        assertThat(write.errors().get(0).message()).startsWith("field name \"time\" is reserved at line 4, column 18");
    }

    @Test
    void limitsHoldForLinesAndColumns() {
        DecodeOptions options = OPTIONS.withLimits(new DecodeLimits(32, 2, 10, 1 << 20));
        DecodedWrite write = decode(
                options,
                CPU,
                "{\"a\":1,\"b\":2}",
                "{\"c\":3}",
                "{\"a\":1" + " ".repeat(30) + "}",
                "{\"a\":\"" + "x".repeat(100_000),
                " ".repeat(40),
                "{\"a\":5}");
        assertThat(write.acceptedRows()).isEqualTo(2);
        assertThat(write.errors())
                .extracting(LineError::kind, LineError::lineNumber)
                .containsExactly(
                        tuple(LineError.Kind.LIMIT, 2),
                        tuple(LineError.Kind.LIMIT, 3),
                        tuple(LineError.Kind.LIMIT, 4),
                        tuple(LineError.Kind.LIMIT, 5));
        assertThat(write.errors().get(0).message())
                .isEqualTo("\"c\" is one column too many for measurement \"cpu\" at line 2, column 2"
                        + " (expected: at most 2 columns)");
        assertThat(write.errors().get(1).message())
                .isEqualTo("line is too long at line 3, column 1 (expected: at most 32 bytes)");
    }

    @Test
    void nestingIsLimited() {
        assertThat(error("{\"m\":" + "[".repeat(100)).message())
                .isEqualTo("value is nested too deep at line 1, column 70 (expected: at most 64 levels)");
    }

    @Test
    void largeMeasurementsAreCutIntoBatches() {
        DecodeOptions options = OPTIONS.withLimits(new DecodeLimits(1 << 20, 10, 10, 4_000));
        String[] lines = new String[1_000];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = "{\"time\":" + (1_700_000_000 + i) + ",\"host\":\"h" + i % 7 + "\",\"v\":" + i + "}";
        }
        DecodedWrite write = decode(options, CPU, lines);
        assertThat(write.batches()).hasSizeGreaterThan(3);
        assertThat(write.batches().stream().mapToInt(ColumnBatch::rows).sum()).isEqualTo(1_000);
        assertThat(rows(write, "cpu").get(999).fields()).isEqualTo(tree("v", 999L));
        assertThat(rows(write, "cpu").get(999).tags()).isEqualTo(tree("host", "h5"));
    }

    @Test
    void aListenerThatRefusesMemoryStopsTheDecoding() {
        NdjsonDecoder decoder = new NdjsonDecoder(
                OPTIONS.withMemory(delta -> {
                    throw new IllegalStateException("no room");
                }),
                CPU);
        byte[] body = "{\"v\":1}\n".getBytes(UTF_8);
        assertThatThrownBy(() -> decoder.feed(body, 0, body.length)).hasMessage("no room");
    }

    @Test
    void defaultsAreChecked() {
        assertThatThrownBy(() -> RowDefaults.ofParameters("_x", null))
                .isInstanceOf(WeirException.class)
                .hasMessageContaining("measurement name \"_x\" is reserved");
        assertThatThrownBy(() -> RowDefaults.ofParameters("cpu", "host,,rack"))
                .hasMessage("tag name in \"host,,rack\" is empty");
        assertThatThrownBy(() -> RowDefaults.ofParameters("cpu", "time")).hasMessage("tag name \"time\" is reserved");
        assertThat(RowDefaults.ofParameters("", "")).isEqualTo(RowDefaults.NONE);
    }

    @Test
    void usualRowsAreDecodedWithoutAllocatingForThem() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            text.append("{\"time\":")
                    .append(1_700_000_000_000L + i)
                    .append(",\"host\":\"host_")
                    .append(i % 50)
                    .append("\",\"usage_user\":")
                    .append(i * 0.37)
                    .append(",\"usage_system\":")
                    .append(i)
                    .append(",\"state\":\"fine\",\"ok\":true}\n");
        }
        byte[] body = text.toString().getBytes(UTF_8);
        NdjsonDecoder decoder = new NdjsonDecoder(OPTIONS, CPU);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int quietRounds = 0;
        for (int round = 0; round < 60; round++) {
            long charged = decoder.chargedBytes();
            long allocated = threads.getCurrentThreadAllocatedBytes();
            decoder.feed(body, 0, body.length);
            allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
            if (round >= 20 && decoder.chargedBytes() == charged) {
                quietRounds++;
                assertThat(allocated).as("bytes allocated for 1,000 rows").isLessThan(2_000);
            }
        }
        assertThat(quietRounds).as("rounds in which no array grew").isGreaterThan(5);
        assertThat(decoder.finish().acceptedRows()).isEqualTo(60_000);
    }

    @SuppressWarnings("unchecked")
    private static <T> TreeMap<String, T> tree(Object... pairs) {
        TreeMap<String, T> map = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], (T) pairs[i + 1]);
        }
        return map;
    }
}
