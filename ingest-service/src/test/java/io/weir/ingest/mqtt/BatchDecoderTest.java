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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
                            new java.util.TreeMap<>(Map.of("device", "d1")),
                            new java.util.TreeMap<>(Map.of("device", "d1", "x", "y")),
                            new java.util.TreeMap<>(Map.of("device", "d3")));
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
        json("{\"count\": 5, \"size\": 7, \"text\": \"x\", \"new\": 1, \"on\": false, \"no\": null}");
        json(
                "{\"m\": \"other\", \"t\": \"2023-11-14T22:13:20.5+00:00\", \"tags\": {\"host\": \"h\"}, \"fields\": {\"new\": 2.5}}");
        List<DecodedRow> rows = rows("known");
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).fields())
                .isEqualTo(Map.of(
                        "count", 5L, "size", java.math.BigInteger.valueOf(7), "text", "x", "new", 1.0, "on", false));
        assertThat(rows.get(0).timeNanos()).isEqualTo(NOW);
        assertThat(rows.get(1).tags()).isEqualTo(Map.of("device", "d1", "host", "h"));
        assertThat(rows.get(1).timeNanos()).isEqualTo(1_700_000_000_500_000_000L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\'',
            value = {
                "{\"count\": 1.5}; field \"count\" is integer but the value is 1.5",
                "{\"size\": -1}; field \"size\" is unsigned but the value is -1",
                "{\"text\": 1}; field \"text\" is string but the value is 1",
                "{\"host\": \"h\"}; field \"host\" is already a tag (expected: another name)",
                "{\"device\": \"h\"}; field \"device\" is a tag of the topic or the settings (expected: a field of another name)",
                "{\"a\": {\"b\": 1}}; value of \"a\" is an object (expected: a number, string, boolean or null)",
                "{\"a\": 1, \"a\": \"x\"}; key \"a\" stands twice (expected: each key once)",
                "{\"time\": 1}; no field has a value",
                "{\"time\": \"now\", \"a\": 1}; time \"now\" is none (expected: integer seconds, milliseconds, microseconds or nanoseconds or RFC 3339, between the years 1677 and 2262)",
                "{\"x\": 1, \"fields\": {\"a\": 1}}; key \"x\" is not known (expected: m, t, tags, fields)",
                "{\"time_nanos\": 1}; field name \"time_nanos\" is reserved (expected: another name)",
                "{\"a\": 1e999}; value of \"a\" is beyond the range of a 64-bit float",
                "[1]; found 1 (expected: an object or an array of objects)",
                "''; found nothing (expected: an object or an array of objects)",
            })
    void aBadObjectIsExplained(String payload, String reason) {
        assertThatThrownBy(() -> json(payload)).hasMessage(reason);
        assertThat(decoder.finish()).isEmpty();
    }

    @Test
    void aBadObjectCostsItsNeighboursNothing() { // LESSONS 64
        Decoded decoded = json("[{\"a\": 1}, {\"count\": \"x\"}, {\"a\": 2}]");
        assertThat(decoded.rows()).isEqualTo(2);
        assertThat(decoded.reason()).isEqualTo("object 2 of the array: field \"count\" is integer but the value is x");
        assertThat(rows("known")).hasSize(2);
    }

    @Test
    void whatIsNotJsonIsSaid() {
        assertThatThrownBy(() -> json("{\"a\": ")).hasMessageStartingWith("not JSON: ");
        assertThatThrownBy(() -> add("{tag:x}", PayloadFormat.JSON, "x", "{\"a\": 1}"))
                .hasMessage("there is no measurement (expected: one in the topic, the settings or \"m\")");
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
