package io.weir.query.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import io.weir.common.auth.Principal;
import io.weir.query.TestTables;
import io.weir.query.engine.RunningQueries;
import io.weir.query.result.ResultFormat;
import io.weir.storage.duckdb.DuckDbEngine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;
import org.msgpack.value.ValueFactory;

/** What is around a result on the wire: formats, routes, compression, trailers, failures. */
@Timeout(180)
class ResultRoutesTest {

    private static final String QUERY = "/api/v1/query";
    private static final String V3 = "/api/v3/query_sql";

    @TempDir
    static Path directory;

    private static QueryServer server;
    private static DuckDbEngine engine;
    private static int port;

    @BeforeAll
    static void start() {
        // One thread of the engine, so that no row is computed before those in front of it.
        server = new QueryServer(directory, "--weir.query.max-sessions=2", "--weir.query.threads=1");
        port = server.port();
        engine = server.bean(DuckDbEngine.class);
        TestTables tables = server.bean(TestTables.class);
        tables.write(tables.create("default", "cpu"), 0, 100);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsHeld() {
        until(() -> engine.acquired() == 0);
        assertThat(engine.created()).isEqualTo(engine.destroyed());
    }

    private static RawAnswer get(String path, String headers, String... parameters) throws IOException {
        try (RawAnswer.Connection connection = new RawAnswer.Connection(port)) {
            return connection.get(path, headers, parameters);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "json,application/json,application/json,",
        "ndjson,application/x-ndjson,application/x-ndjson,stream",
        "ndjson,application/jsonl,application/x-ndjson,stream",
        "csv,text/csv,text/csv,csv",
        "csv,'text/html;q=0.9, text/csv',text/csv,csv",
        "csv,'application/json;q=0.5, text/csv;q=0.8, */*;q=0.1',text/csv,csv",
        "arrow,application/vnd.apache.arrow.stream,application/vnd.apache.arrow.stream,arrow",
        "msgpack,application/vnd.msgpack,application/vnd.msgpack,msgpack",
        "parquet,application/vnd.apache.parquet,application/vnd.apache.parquet,",
        "msgpack,application/msgpack,application/vnd.msgpack,msgpack",
    })
    void formatsAreChosenByNameByAcceptAndByRoute(String format, String accept, String mediaType, String shortcut)
            throws Exception {
        RawAnswer named = get(QUERY, "", "q", "SELECT n FROM cpu ORDER BY n", "format", format);
        assertThat(named.status()).isEqualTo(200);
        assertThat(named.headers()).containsEntry("content-type", mediaType).containsKey("weir-query-id");
        RawAnswer accepted = get(QUERY, "Accept: " + accept + "\r\n", "q", "SELECT n FROM cpu ORDER BY n");
        assertThat(accepted.headers()).containsEntry("content-type", mediaType);
        assertThat(timeless(accepted, format)).isEqualTo(timeless(named, format));
        if (shortcut != null) {
            RawAnswer route = get(QUERY + "/" + shortcut, "", "q", "SELECT n FROM cpu ORDER BY n", "format", "json");
            assertThat(route.headers()).containsEntry("content-type", mediaType);
            assertThat(timeless(route, format)).isEqualTo(timeless(named, format));
            HttpResponse<String> posted = post(QUERY + "/" + shortcut, "{\"sql\":\"SELECT 1 AS n\"}");
            assertThat(posted.statusCode()).isEqualTo(200);
            assertThat(posted.headers().firstValue("Content-Type")).hasValue(mediaType);
            assertThat(post(QUERY + "/" + shortcut, "{\"sql\":\"SELEC\"}").statusCode())
                    .isEqualTo(400);
        }
    }

    /** What does not tell the time. */
    private static byte[] timeless(RawAnswer answer, String format) throws IOException {
        if (format.equals("json")) {
            return answer.text().replaceAll("\"execution_time_ms.*", "").getBytes(StandardCharsets.UTF_8);
        }
        if (!format.equals("msgpack")) {
            return answer.body();
        }
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(answer.body())) {
            while (unpacker.hasNext()) {
                Value map = unpacker.unpackValue();
                if (!map.toString().contains("execution_time_ms")) {
                    rows.writeBytes(map.toString().getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        return rows.toByteArray();
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void influxRouteAnswersAsItsOriginDoes() throws Exception {
        RawAnswer json = get(V3, "", "db", "default", "q", "SELECT n FROM cpu ORDER BY n LIMIT 2");
        assertThat(json.headers()).containsEntry("content-type", "application/json");
        assertThat(json.text()).isEqualTo("[{\"n\":0},{\"n\":1}]");
        RawAnswer lines = get(
                V3,
                "",
                "db",
                "default",
                "format",
                "jsonl",
                "q",
                "SELECT $a + n AS x FROM cpu ORDER BY n LIMIT 1",
                "params",
                "{\"a\": 5}");
        assertThat(lines.headers()).containsEntry("content-type", "application/jsonl");
        assertThat(lines.text()).isEqualTo("{\"x\":5}\n");
        HttpResponse<String> csv = post(
                V3,
                "{\"db\":\"default\",\"q\":\"SELECT n FROM cpu WHERE n < $max ORDER BY n\",\"params\":{\"max\":2},\"format\":\"csv\"}");
        assertThat(csv.body()).isEqualTo("n\r\n0\r\n1\r\n");
        RawAnswer parquet = get(V3, "", "db", "default", "q", "SELECT 1 AS n", "format", "parquet");
        assertThat(parquet.headers()).containsEntry("content-type", "application/vnd.apache.parquet");
        assertThat(parquet.text()).startsWith("PAR1").endsWith("PAR1");
        assertThat(get(V3, "Accept: text/csv\r\n", "db", "default", "q", "SELECT 1 AS n")
                        .text())
                .isEqualTo("n\r\n1\r\n");
        assertThat(post(V3, "{\"db\":\"default\",\"q\":\"SELECT * FROM nope\"}"))
                .satisfies(answer -> {
                    assertThat(answer.statusCode()).isEqualTo(404);
                    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
                    assertThat(answer.body()).startsWith("{\"error\":\"measurement nope does not exist");
                });
        assertThat(post(V3, "{\"db\":\"default\"}").body()).isEqualTo("{\"error\":\"\\\"q\\\" is missing or empty\"}");
        assertThat(get(V3, "", "q", "SELECT 1", "format", "pretty").status()).isEqualTo(400);
        assertThat(get(V3, "", "q", "SELECT 1", "params", "{").text())
                .startsWith("{\"error\":\"query parameter \\\"params\\\" is not JSON");
        assertThat(get(V3, "", "q", "SELEC").text()).startsWith("{\"error\":");
    }

    /**
     * Fails at its last row. What may be lost with a failure lies in the engine's buffer of 1 MB, in an encoder's row group
     * of a few, and in the chunks on their way, of 32 KB and at most some 160: the 64 MB before that row are far more, also
     * compressed, so that the first byte has left long before it is reached.
     */
    private static String late() {
        String text = String.join(" || ", Collections.nCopies(55, "uuid()::VARCHAR"));
        return "SELECT range AS n, " + text + " AS u, CASE WHEN range = 32000"
                + " THEN CAST('x' || range AS INT) ELSE 1 END AS v FROM range(32001)";
    }

    @ParameterizedTest
    @EnumSource(value = ResultFormat.class, names = "JSON_ROWS", mode = EnumSource.Mode.EXCLUDE)
    void failureAfterTheFirstByteShowsInEveryFormat(ResultFormat format) throws Exception { // lesson 36
        for (String encoding : format == ResultFormat.PARQUET ? List.of("zstd") : List.of("identity", "zstd")) {
            RawAnswer answer = get(
                    QUERY, "TE: trailers\r\nAccept-Encoding: " + encoding + "\r\n", "q", late(), "format", format.id());
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.complete()).as("%s, %s", format, encoding).isFalse();
            assertThat(answer.trailers()).isEmpty();
            byte[] body = readable(answer);
            assertThat(body.length).isGreaterThan(100_000);
            if (format == ResultFormat.NDJSON) {
                String text = new String(body, StandardCharsets.UTF_8);
                assertThat(text.substring(text.lastIndexOf("{\"$error\"")))
                        .contains("\"code\":\"query-value\"")
                        .endsWith("}}\n");
            }
            if (format == ResultFormat.MSGPACK) {
                Value last = ValueFactory.newNil();
                try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(body)) {
                    while (unpacker.hasNext()) {
                        last = unpacker.unpackValue();
                    }
                }
                Value error = last.asMapValue().map().get(ValueFactory.newString("error"));
                assertThat(error.asMapValue().map())
                        .containsEntry(ValueFactory.newString("code"), ValueFactory.newString("query-value"))
                        .containsEntry(ValueFactory.newString("status"), ValueFactory.newInteger(400));
            }
        }
    }

    /** What can be read of a body, up to where it breaks off. */
    private static byte[] readable(RawAnswer answer) throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        byte[] part = new byte[4_096];
        try (InputStream in = decoded(answer)) {
            for (int read = in.read(part); read >= 0; read = in.read(part)) {
                plain.write(part, 0, read);
            }
        } catch (IOException cut) {
            assertThat(answer.complete()).isFalse();
        }
        return plain.toByteArray();
    }

    private static InputStream decoded(RawAnswer answer) throws IOException {
        InputStream in = new ByteArrayInputStream(answer.body());
        return switch (answer.headers().getOrDefault("content-encoding", "identity")) {
            case "gzip" -> new GZIPInputStream(in);
            case "zstd" -> new ZstdInputStream(in);
            default -> in;
        };
    }

    @ParameterizedTest
    @EnumSource(value = ResultFormat.class, names = "JSON_ROWS", mode = EnumSource.Mode.EXCLUDE)
    void failureBeforeTheFirstByteIsAProblemInEveryFormat(ResultFormat format) throws Exception {
        RawAnswer answer = get(
                QUERY,
                "TE: trailers\r\nAccept-Encoding: gzip\r\n",
                "q",
                "SELECT CAST('x' || n AS INT) FROM cpu",
                "format",
                format.id());
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.complete()).isTrue();
        assertThat(answer.headers())
                .containsEntry("content-type", "application/problem+json")
                .doesNotContainKeys("content-encoding", "trailer");
        assertThat(answer.text()).contains("\"code\":\"query-value\"");
    }

    @Test
    void trailersTellRowsTimeAndTruncation() throws Exception {
        try (RawAnswer.Connection connection = new RawAnswer.Connection(port)) {
            for (int i = 0; i < 20; i++) { // lesson 45: the next answer on the connection is whole
                RawAnswer whole = connection.get(
                        QUERY,
                        "TE: trailers\r\n",
                        "q",
                        "FROM range(" + i * 1000 + ")",
                        "format",
                        i % 2 == 0 ? "csv" : "arrow");
                assertThat(whole.complete()).isTrue();
                assertThat(whole.trailers())
                        .containsEntry("weir-row-count", Integer.toString(i * 1000))
                        .containsKey("weir-execution-time-ms")
                        .doesNotContainKey("weir-truncated");
                assertThat(whole.headers().get("trailer"))
                        .contains("Weir-Row-Count")
                        .contains("Weir-Execution-Time-Ms");
            }
            RawAnswer without = connection.get(QUERY, "", "q", "FROM range(3)", "format", "ndjson");
            assertThat(without.trailers()).isEmpty();
            assertThat(without.headers()).doesNotContainKey("trailer");
            assertThat(without.text().lines()).hasSize(3);
            RawAnswer none = connection.get(QUERY, "TE: trailers\r\n", "q", "FROM range(0)", "format", "ndjson");
            assertThat(none.body()).isEmpty();
            assertThat(none.trailers()).containsEntry("weir-row-count", "0");
        }
    }

    @ParameterizedTest
    @EnumSource(value = ResultFormat.class, names = "JSON_ROWS", mode = EnumSource.Mode.EXCLUDE)
    void rowLimitsLookTruncatedInEveryFormat(ResultFormat format) throws Exception { // lesson 37
        RawAnswer cut = get(
                QUERY, "TE: gzip, trailers\r\n", "q", "FROM range(10000)", "max_rows", "5000", "format", format.id());
        assertThat(cut.complete()).isTrue();
        assertThat(cut.headers()).containsEntry("weir-row-limit", "5000");
        assertThat(cut.trailers()).containsEntry("weir-row-count", "5000").containsEntry("weir-truncated", "true");
        RawAnswer whole =
                get(QUERY, "TE: trailers\r\n", "q", "FROM range(5000)", "max_rows", "5000", "format", format.id());
        assertThat(whole.trailers()).containsEntry("weir-row-count", "5000").doesNotContainKey("weir-truncated");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd"})
    void resultsAreCompressedForThoseWhoAcceptIt(String encoding) throws Exception {
        String sql = "SELECT range AS n, 'same' AS s FROM range(100000)";
        for (ResultFormat format : new ResultFormat[] {ResultFormat.NDJSON, ResultFormat.ARROW, ResultFormat.CSV}) {
            RawAnswer plain = get(QUERY, "", "q", sql, "format", format.id());
            RawAnswer compressed = get(
                    QUERY, "Accept-Encoding: br;q=1.0, " + encoding + ";q=0.8\r\n", "q", sql, "format", format.id());
            assertThat(compressed.headers())
                    .containsEntry("content-encoding", encoding)
                    .containsEntry("vary", "Accept-Encoding");
            assertThat(compressed.complete()).isTrue();
            assertThat(compressed.body().length).isLessThan(plain.body().length / 2);
            assertThat(readable(compressed)).isEqualTo(plain.body());
        }
        RawAnswer empty = get(QUERY, "Accept-Encoding: " + encoding + "\r\n", "q", "FROM range(0)", "format", "ndjson");
        assertThat(readable(empty)).isEmpty();
        assertThat(get(QUERY, "Accept-Encoding: " + encoding + ";q=0\r\n", "q", "SELECT 1", "format", "csv")
                        .headers())
                .doesNotContainKey("content-encoding");
    }

    @Test
    void slowCompressedRowsArriveBeforeTheEnd() throws Exception {
        // Rows without end at a reader who reads a little: what came can be unpacked although no end is in sight.
        try (RawAnswer.Connection connection = new RawAnswer.Connection(port)) {
            connection.ask(
                    QUERY,
                    "Accept-Encoding: gzip\r\n",
                    "q",
                    "SELECT range AS n, uuid() AS u FROM range(1000000000)",
                    "format",
                    "ndjson");
            InputStream in = connection.in();
            String header = "";
            while (!header.endsWith("\r\n\r\n")) {
                header += (char) in.read();
            }
            StringBuilder size = new StringBuilder();
            for (int b = in.read(); b != '\r'; b = in.read()) {
                size.append((char) b);
            }
            in.read();
            byte[] chunk = in.readNBytes(Integer.parseInt(size.toString(), 16));
            byte[] rows = readable(new RawAnswer(200, Map.of("content-encoding", "gzip"), chunk, false, Map.of()));
            assertThat(new String(rows, StandardCharsets.UTF_8))
                    .startsWith("{\"n\":0,")
                    .endsWith("\"}\n");
        }
    }

    @ParameterizedTest
    @EnumSource(value = ResultFormat.class, names = "JSON_ROWS", mode = EnumSource.Mode.EXCLUDE)
    void disconnectStopsTheEngineInEveryFormat(ResultFormat format) throws Exception { // lessons 41, 44
        for (String encoding : new String[] {"identity", "gzip", "zstd"}) {
            try (RawAnswer.Connection connection = new RawAnswer.Connection(port)) {
                connection.ask(
                        QUERY,
                        "Accept-Encoding: " + encoding + "\r\n",
                        "q",
                        "SELECT range AS n, uuid() AS u FROM range(1000000000)",
                        "format",
                        format.id());
                assertThat(connection.in().readNBytes(200_000)).hasSize(200_000);
                assertThat(engine.acquired()).isOne();
            }
            until(() -> engine.acquired() == 0);
        }
    }

    @Test
    void disconnectBeforeTheFirstByteStopsTheEngine() throws Exception { // lesson 41
        try (RawAnswer.Connection connection = new RawAnswer.Connection(port)) {
            connection.ask(
                    QUERY,
                    "",
                    "q",
                    "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE hash(a.range + b.range) = 1");
            until(() -> engine.acquired() == 1);
        }
        until(() -> engine.acquired() == 0);
    }

    @Test
    void anIdleConnectionAnswersItsNextRequest() throws Exception { // lesson 46
        try (RawAnswer.Connection connection = new RawAnswer.Connection(port)) {
            for (String sql : List.of("SELECT 1 AS n", "SELEC", "SELECT count(*) AS n FROM cpu", "FROM range(50000)")) {
                RawAnswer answer = connection.get(QUERY, "TE: trailers\r\n", "q", sql, "format", "ndjson");
                assertThat(answer.complete()).as(sql).isTrue();
                assertThat(answer.status()).as(sql).isEqualTo(sql.equals("SELEC") ? 400 : 200);
                until(() -> engine.acquired() == 0); // everything of the last answer is over
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200)); // and the connection lies idle
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = ResultFormat.class, names = "JSON_ROWS", mode = EnumSource.Mode.EXCLUDE)
    void readerThatStopsStopsTheEngine(ResultFormat format) throws Exception { // lesson 40
        String sql = "SELECT range AS n, uuid() AS u FROM range(1000000000)";
        try (RawAnswer.Connection connection = new RawAnswer.Connection(port)) {
            connection.ask(QUERY, "", "q", sql, "format", format.id());
            assertThat(connection.in().readNBytes(100_000)).hasSize(100_000);
            // What lies between engine and reader: chunks asked for ahead, socket buffers, Parquet's row group.
            long most = (48L << 20) / 40;
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(400);
            while (System.nanoTime() < deadline) {
                assertThat(rowsMade()).isBetween(1L, most);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    /** Rows that the only running query has made. */
    private static long rowsMade() {
        List<RunningQueries.RunningQuery> running =
                server.bean(RunningQueries.class).of(Principal.unrestricted(TestTables.ORGANISATION, "tester"));
        assertThat(running).hasSize(1);
        return running.get(0).rows();
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
