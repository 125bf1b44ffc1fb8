package io.weir.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.model.DatabaseId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.ingest.decode.DecodedRow;
import io.weir.ingest.schema.DatabaseSchemas;
import io.weir.ingest.schema.SchemaRegistry;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.R2dbcCatalog;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchDecoderTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long NOW = 1_700_000_000_123_456_789L;

    @TempDir
    Path directory;

    private CatalogConnections connections;
    private long charged;
    private BatchDecoder decoder;

    @BeforeEach
    void open() {
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 2);
        R2dbcCatalog catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), PATIENCE);
        catalog.migrate().block(PATIENCE);
        DatabaseId database = new DatabaseId("default", "db");
        catalog.createDatabase(database).block(PATIENCE);
        List<Column> columns = List.of(
                new Column("host", ColumnType.TAG),
                new Column("count", ColumnType.INT64),
                new Column("size", ColumnType.UINT64),
                new Column("text", ColumnType.STRING));
        catalog.addColumns(database.table("known"), columns, false).block(PATIENCE);
        DatabaseSchemas schemas =
                new SchemaRegistry(catalog, true).open(database).block(PATIENCE);
        decoder = new BatchDecoder(schemas, NOW, delta -> charged += delta);
    }

    @AfterEach
    void close() {
        connections.close().block(PATIENCE);
    }

    private Decoded add(String pattern, PayloadFormat format, String topic, String payload) {
        MessageTarget target = new TopicRoutes(List.of(SubscriptionSettings.of(pattern, format))).target(topic);
        return decoder.add(
                new InboundMessage(topic, payload.getBytes(StandardCharsets.UTF_8), false, () -> {}), target);
    }

    private Decoded line(String topic, String payload) {
        return add("{tag:device}", PayloadFormat.LINE_PROTOCOL, topic, payload);
    }

    private Decoded json(String payload) {
        return add("{measurement}/{tag:device}", PayloadFormat.JSON, "known/d1", payload);
    }

    private List<DecodedRow> rows(String measurement) {
        return DecodedRow.byMeasurement(decoder.finish()).getOrDefault(measurement, List.of());
    }

    @Test
    void messagesShareABatchAndABadOneLeavesNothingBehind() { // LESSONS 16, 64
        line("d1", "m v=1 1\nm,x=y v=2 2");
        assertThatThrownBy(() -> line("d2", "m v=\"never closed"))
                .hasMessageContaining("string is not closed at line 1");
        assertThatThrownBy(() -> line("d2", "m,a=b new=1,v=x 3")).isInstanceOf(RejectedMessage.class);
        assertThat(line("d3", "m v=bad 1\n# comment\n\nm v=3 3").reason()).contains("at line 1, column");
        assertThat(charged).isPositive();
        assertThat(decoder.finish()).singleElement().satisfies(batch -> {
            List<DecodedRow> rows = DecodedRow.of(batch);
            assertThat(rows)
                    .extracting(DecodedRow::tags)
                    .containsExactly(
                            new TreeMap<>(Map.of("device", "d1")),
                            new TreeMap<>(Map.of("device", "d1", "x", "y")),
                            new TreeMap<>(Map.of("device", "d3")));
            assertThat(batch.fields()).hasSize(1);
        });
    }

    @Test
    void aMessageNeverContinuesTheStringOfTheOneBefore() {
        String topic = "any";
        assertThatThrownBy(() -> add("+", PayloadFormat.LINE_PROTOCOL, topic, "m s=\"a"))
                .hasMessageContaining("string is not closed");
        assertThatThrownBy(() -> add("+", PayloadFormat.LINE_PROTOCOL, topic, "b\" 1"))
                .isInstanceOf(RejectedMessage.class);
        add("+", PayloadFormat.LINE_PROTOCOL, topic, "m s=\"c\nd\" 1");
        assertThat(rows("m"))
                .singleElement()
                .satisfies(row -> assertThat(row.fields()).isEqualTo(Map.of("s", "c\nd")));
    }

    @Test
    void topicTagsAreNeverWrittenIntoAString() {
        assertThatThrownBy(() -> line("d1", "m s=\"a\nm v=1\" 1")).hasMessageContaining("a string holds a line break");
        line("a b,c=d", "m\\ x\\,y,t=u s=\"m v=1\" 1\r\n");
        assertThat(rows("m x,y")).singleElement().satisfies(row -> {
            assertThat(row.tags()).isEqualTo(Map.of("device", "a b,c=d", "t", "u"));
            assertThat(row.fields()).isEqualTo(Map.of("s", "m v=1"));
        });
    }

    @Test
    void jsonValuesTakeTheTypesOfTheirColumns() {
        json("{\"count\": 5, \"size\": 7, \"text\": \"x\", \"new\": 1, \"real\": 1.5, \"on\": false, \"no\": null}");
        json(
                "{\"m\": \"other\", \"t\": \"2023-11-14T22:13:20.5+00:00\", \"tags\": {\"host\": \"h\"}, \"fields\": {\"new\": 2, \"real\": 2}}");
        List<DecodedRow> rows = rows("known");
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).fields())
                .isEqualTo(Map.of(
                        "count",
                        5L,
                        "size",
                        java.math.BigInteger.valueOf(7),
                        "text",
                        "x",
                        "new",
                        1L,
                        "real",
                        1.5,
                        "on",
                        false));
        assertThat(rows.get(0).timeNanos()).isEqualTo(NOW);
        assertThat(rows.get(1).tags()).isEqualTo(Map.of("device", "d1", "host", "h"));
        assertThat(rows.get(1).fields()).isEqualTo(Map.of("new", 2L, "real", 2.0));
        assertThat(rows.get(1).timeNanos()).isEqualTo(1_700_000_000_500_000_000L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\'',
            value = {
                "{\"count\": 1.5}; field \"count\" is integer but the value is float at line 1, column 11 (expected: integer)",
                "{\"size\": -1}; number \"-1\" is out of range at line 1, column 10 (expected: an unsigned 64-bit integer)",
                "{\"text\": 1}; field \"text\" is string but the value is integer at line 1, column 10 (expected: string)",
                "{\"host\": \"h\"}; row has no field with a value at line 1, column 1 (expected: at least one)",
                "{\"device\": \"h\", \"a\": 1}; \"device\" is a tag that every row gets at line 1, column 2 (expected: a row without it, or another name)",
                "{\"tags\": {\"device\": \"h\"}, \"fields\": {\"a\": 1}}; \"device\" is a tag that every row gets at line 1, column 11 (expected: a row without it, or another name)",
                "{\"a\": {\"b\": 1}}; value of \"a\" is an object at line 1, column 7 (expected: a number, a string, true, false or null)",
                "{\"time_nanos\": 1}; name \"time_nanos\" is reserved at line 1, column 2 (expected: another name)",
                "[1]; unexpected \"1\" where a row should be at line 1, column 2 (expected: an object)",
                "''; unexpected end of text where a value should be at line 1, column 1 (expected: a JSON value)",
            })
    void aBadObjectIsExplained(String payload, String reason) {
        assertThatThrownBy(() -> json(payload)).hasMessage(reason);
        assertThat(decoder.finish()).isEmpty();
    }

    @Test
    void aBadObjectCostsItsNeighboursNothing() { // LESSONS 64
        Decoded decoded = json("[{\"a\": 1}, {\"count\": \"x\"}, {\"a\": 2}]");
        assertThat(decoded.rows()).isEqualTo(2);
        assertThat(decoded.reason())
                .isEqualTo(
                        "field \"count\" is integer but the value is string at line 1, column 22 (expected: integer)");
        assertThat(rows("known")).hasSize(2);
    }

    @Test
    void aDocumentThatIsNotJsonHasNoRowsAndLeavesTheOthers() { // LESSONS 16, 64
        json("{\"a\": 1}");
        assertThatThrownBy(() -> json("[{\"new\": 1}, {\"a\": "))
                .hasMessage("unexpected end of text where a value should be at line 1, column 20"
                        + " (expected: a JSON value)");
        json("{\"a\": 2}");
        assertThat(rows("known"))
                .extracting(DecodedRow::fields)
                .containsExactly(new TreeMap<>(Map.of("a", 1L)), new TreeMap<>(Map.of("a", 2L)));
    }

    @Test
    void aRowThatNamesATagOfTheTopicCostsNoOther() { // LESSONS 64
        Decoded decoded = json("[{\"a\": 1}, {\"device\": \"x\", \"a\": 2}, {\"a\": 3}]");
        assertThat(decoded.rows()).isEqualTo(2);
        assertThat(decoded.reason()).startsWith("\"device\" is a tag that every row gets at line 1, column 13");
        assertThat(rows("known")).hasSize(2);
    }

    @Test
    void jsonMessagesOfAMeasurementAreOneBatchWhoseTypesTheFirstFixes() {
        json("{\"n\": 1, \"r\": 1.5}");
        json("{\"n\": 2, \"r\": 2}");
        assertThatThrownBy(() -> json("{\"n\": 2.5, \"left\": true}"))
                .hasMessageContaining("field \"n\" is integer but the value is float");
        add("{measurement}/{tag:device}", PayloadFormat.JSON, "known/d2", "{\"n\": 3, \"s\": \"x\"}");
        assertThat(decoder.finish()).singleElement().satisfies(batch -> {
            List<DecodedRow> rows = DecodedRow.of(batch);
            assertThat(rows)
                    .extracting(DecodedRow::fields)
                    .containsExactly(
                            new TreeMap<>(Map.of("n", 1L, "r", 1.5)),
                            new TreeMap<>(Map.of("n", 2L, "r", 2.0)),
                            new TreeMap<>(Map.of("n", 3L, "s", "x")));
            assertThat(rows).extracting(row -> row.tags().get("device")).containsExactly("d1", "d1", "d2");
            assertThat(charged).isBetween(batch.sizeBytes(), 2 * batch.sizeBytes() + 4_096);
        });
    }

    @Test
    void theMeasurementOfTheTopicDecidesTheTypesWhateverTheRowsSay() {
        Decoded decoded = json("[{\"m\": \"one\", \"fields\": {\"size\": 1, \"a\": 1}},"
                + " {\"m\": \"two\", \"fields\": {\"size\": 2}}, {\"m\": \"three\", \"fields\": {\"a\": true}}]");
        assertThat(decoded.rows()).isEqualTo(2);
        assertThat(decoded.reason()).isEqualTo("column \"a\" is integer but the payload has boolean");
        assertThat(rows("known"))
                .extracting(row -> row.fields().get("size"))
                .containsExactly(java.math.BigInteger.ONE, java.math.BigInteger.TWO);
    }

    @Test
    void theTimeOfFlatRowsIsWhereTheSubscriptionSaysAndTagsToo() { // LESSONS 47
        SubscriptionSettings subscription = new SubscriptionSettings(
                "{tag:device}", null, "m", Map.of(), PayloadFormat.JSON, "s", 1, "ts", List.of("room"));
        MessageTarget target = new TopicRoutes(List.of(subscription)).target("d1");
        String payload =
                "[{\"ts\": 1700000000, \"room\": \"a\", \"v\": 1}, {\"room\": \"b\", \"ts\": 1700000001, \"v\": 2},"
                        + " {\"t\": 1700000002, \"fields\": {\"ts\": 7}}, {\"time\": 1700000003, \"v\": 3},"
                        + " {\"ts\": 1700000004, \"v\": 4}]";
        Decoded decoded = decoder.add(
                new InboundMessage("d1", payload.getBytes(StandardCharsets.UTF_8), false, () -> {}), target);
        assertThat(decoded.rows()).isEqualTo(4);
        assertThat(decoded.reason()).startsWith("field name \"time\" is reserved at line 1, column 125");
        List<DecodedRow> rows = rows("m");
        assertThat(rows)
                .extracting(row -> row.timeNanos() / 1_000_000_000L)
                .containsExactly(1_700_000_000L, 1_700_000_001L, 1_700_000_002L, 1_700_000_004L);
        assertThat(rows.get(1).tags()).isEqualTo(Map.of("device", "d1", "room", "b"));
        assertThat(rows.get(2).fields()).isEqualTo(Map.of("ts", 7L));
    }

    @Test
    void aMessagePackMessageIsStoredWholeOrNotAtAll() {
        byte[] conflict = packed("m", "n", (byte) 5, "m", "n", (byte) 0xc3); // two rows, 5 and true
        MessageTarget target =
                new TopicRoutes(List.of(SubscriptionSettings.of("+", PayloadFormat.MESSAGE_PACK))).target("x");
        InboundMessage bad = new InboundMessage("x", conflict, false, () -> {});
        assertThatThrownBy(() -> decoder.add(bad, target)).isInstanceOf(RejectedMessage.class);
        MessageTarget known = new TopicRoutes(
                        List.of(SubscriptionSettings.of("{measurement}", PayloadFormat.MESSAGE_PACK)))
                .target("all");
        // Fine apart, not together once the topic puts them into one measurement.
        InboundMessage joined =
                new InboundMessage("all", packed("a", "n", (byte) 5, "b", "n", (byte) 0xc3), false, () -> {});
        assertThatThrownBy(() -> decoder.add(joined, known))
                .hasMessage("column \"n\" is integer but the payload has boolean");
        decoder.add(new InboundMessage("x", packed("m", "n", (byte) 1, "m", "n", (byte) 2), false, () -> {}), target);
        decoder.add(new InboundMessage("x", packed("m", "n", (byte) 3, "m", "n", (byte) 4), false, () -> {}), target);
        assertThat(decoder.finish())
                .singleElement()
                .satisfies(batch -> assertThat(DecodedRow.of(batch))
                        .extracting(row -> row.fields().get("n"))
                        .containsExactly(1L, 2L, 3L, 4L));
    }

    /** An array of two rows of one field each, whose values are single bytes of MessagePack. */
    private static byte[] packed(String m1, String field1, byte value1, String m2, String field2, byte value2) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x92);
        packedRow(out, m1, field1, value1);
        packedRow(out, m2, field2, value2);
        return out.toByteArray();
    }

    private static void packedRow(ByteArrayOutputStream out, String measurement, String field, byte value) {
        out.write(0x82);
        out.writeBytes(new byte[] {(byte) 0xa1, 'm', (byte) (0xa0 | measurement.length())});
        out.writeBytes(measurement.getBytes(StandardCharsets.UTF_8));
        out.writeBytes(new byte[] {(byte) 0xa6, 'f', 'i', 'e', 'l', 'd', 's', (byte) 0x81});
        out.write(0xa0 | field.length());
        out.writeBytes(field.getBytes(StandardCharsets.UTF_8));
        out.write(value);
    }

    @Test
    void snippetsAreTextOrHexadecimal() {
        assertThat(RejectionDesk.snippet("m v=1\n".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("m v=1\\u000a");
        assertThat(RejectionDesk.snippet(new byte[] {(byte) 0x82, 1})).isEqualTo("0x8201");
        assertThat(RejectionDesk.snippet(new byte[100]))
                .startsWith("0x00")
                .endsWith("…")
                .hasSize(83);
    }
}
