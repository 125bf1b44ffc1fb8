package io.weir.query.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.auth.Authenticator;
import io.weir.common.auth.Principal;
import io.weir.common.hot.HotRows;
import io.weir.common.http.EdgeConfiguration;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.query.TestTables;
import io.weir.query.engine.QueryDirectories;
import io.weir.query.lastvalue.FileLog;
import io.weir.query.snapshot.TableCatalog;
import io.weir.storage.duckdb.DuckDbEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.test.web.reactive.server.WebTestClient;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The routes on a real port. */
@Timeout(60)
class QueryRoutesTest {

    private static final String ENDLESS =
            "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE hash(a.range + b.range) = 1";
    private static final String LAST_CHUNK =
            "\r\n0\r\n\r\n"; // with the end of the chunk before it: a header may end in 0
    private static final String WIDE = "SELECT range AS n, repeat('x', 100) AS s FROM range(20000000)";

    @TempDir
    static Path directory;

    private static ConfigurableApplicationContext context;
    private static TestTables tables;
    private static DuckDbEngine engine;
    private static int port;
    private static WebTestClient client;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({EdgeConfiguration.class, QueryConfiguration.class})
    static class Application {

        @Bean
        QueryDirectories directories() {
            return new QueryDirectories(List.of(directory.resolve("data")), directory.resolve("spill"));
        }

        @Bean
        TestTables tables() {
            return new TestTables(directory.resolve("data"));
        }

        @Bean
        FileLog fileLog() {
            return new NoFileLog();
        }

        @Bean
        WeirSchedulers schedulers() {
            return WeirSchedulers.forCores(2);
        }

        @Bean
        Authenticator authenticator() {
            return credentials -> Mono.just(Principal.unrestricted(TestTables.ORGANISATION, "tester"));
        }
    }

    @BeforeAll
    static void start() {
        context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.REACTIVE)
                .run(
                        "--server.port=0",
                        "--weir.query.max-sessions=3",
                        "--weir.query.max-pending=2",
                        "--weir.query.acquire-timeout=300ms",
                        "--weir.query.memory-limit=256MB",
                        "--weir.query.max-body=4KB",
                        "--weir.warm-up.duration=0s",
                        "--weir.last-values.enabled=false",
                        "--spring.main.banner-mode=off");
        port = Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
        tables = context.getBean(TestTables.class);
        engine = context.getBean(DuckDbEngine.class);
        client = WebTestClient.bindToServer()
                .baseUrl("http://localhost:" + port)
                .defaultHeader("X-Request-Id", "test")
                .build();
        assertThat(context.getBean(TableCatalog.class)).isSameAs(context.getBean(HotRows.class));
        tables.write(tables.create("default", "cpu"), 0, 100);
        tables.write(tables.create("telegraf", "mem"), 0, 3);
    }

    @AfterAll
    static void stop() {
        context.close();
    }

    @AfterEach
    void nothingIsHeld() {
        until(() -> engine.acquired() == 0);
        assertThat(engine.created()).isEqualTo(engine.destroyed());
    }

    private static WebTestClient.ResponseSpec post(String json) {
        return client.post()
                .uri("/api/v1/query")
                .header("Content-Type", "application/json")
                .bodyValue(json)
                .exchange();
    }

    private static String sql(String sql) {
        return new JsonMapper().writeValueAsString(java.util.Map.of("sql", sql));
    }

    @Test
    void answersJsonByDefault() {
        post("{\"sql\":\"SELECT host, max(v) AS v FROM cpu GROUP BY 1 ORDER BY 1\"}")
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentType("application/json")
                .expectHeader()
                .exists("Weir-Query-Id")
                .expectHeader()
                .exists("X-Request-Id")
                .expectBody()
                .jsonPath("$.success")
                .isEqualTo(true)
                .jsonPath("$.columns[1]")
                .isEqualTo("v")
                .jsonPath("$.types[0]")
                .isEqualTo("VARCHAR")
                .jsonPath("$.data[1][1]")
                .isEqualTo(49.5)
                .jsonPath("$.row_count")
                .isEqualTo(2);
    }

    @Test
    void answersNdjsonByFormatAndByAccept() {
        String expected = "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n";
        post("{\"sql\":\"SELECT n FROM mem ORDER BY n\",\"db\":\"telegraf\",\"format\":\"ndjson\"}")
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentType("application/x-ndjson")
                .expectBody(String.class)
                .isEqualTo(expected);
        client.get()
                .uri(builder -> builder.path("/api/v1/query")
                        .queryParam("q", "SELECT n FROM mem ORDER BY n")
                        .queryParam("db", "telegraf")
                        .build())
                .header("Accept", "application/x-ndjson")
                .exchange()
                .expectBody(String.class)
                .isEqualTo(expected);
        client.get()
                .uri(builder -> builder.path("/api/v1/query")
                        .queryParam("q", "SELECT n FROM mem LIMIT 1")
                        .build())
                .header("X-Weir-Database", "telegraf")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.row_count")
                .isEqualTo(1);
    }

    @Test
    void bindsParametersAndCapsRows() {
        post("{\"sql\":\"SELECT n FROM cpu WHERE n >= ? AND host = ? ORDER BY n\",\"params\":[90,\"a\"],\"max_rows\":2}")
                .expectBody()
                .jsonPath("$.data[0][0]")
                .isEqualTo(90)
                .jsonPath("$.row_count")
                .isEqualTo(2)
                .jsonPath("$.truncated")
                .isEqualTo(true);
        post("{\"sql\":\"SELECT $x + 1 AS y\",\"params\":{\"x\":1}}")
                .expectBody()
                .jsonPath("$.data[0][0]")
                .isEqualTo(2);
    }

    @Test
    void freshnessIsSaidInTheBodyOrInTheQuery() { // issue 5 item 6
        String count = "{\"sql\":\"SELECT count(*) FROM cpu\"";
        post(count + ",\"freshness\":\"visible\"}")
                .expectBody()
                .jsonPath("$.data[0][0]")
                .isEqualTo(100);
        post(count + ",\"freshness\":\"committed\"}")
                .expectBody()
                .jsonPath("$.data[0][0]")
                .isEqualTo(0);
        for (String route : List.of("/api/v1/query?format=csv&q=", "/api/v3/query_sql?db=default&format=csv&q=")) {
            client.get()
                    .uri(route + "SELECT count(*) AS c FROM cpu&freshness=committed")
                    .exchange()
                    .expectBody(String.class)
                    .value(body -> assertThat(body).contains("0").doesNotContain("100"));
        }
        problem(count + ",\"freshness\":\"stale\"}", 400, "invalid-parameter");
        client.get()
                .uri("/api/v1/databases/default/measurements/cpu?freshness=committed")
                .exchange()
                .expectBody()
                .jsonPath("$.rows")
                .isEqualTo(0);
    }

    @Test
    void errorsAreProblems() {
        problem("{\"sql\":\"selec 1\"}", 400, "sql-syntax");
        problem(sql("SELECT * FROM read_text('/etc/passwd')"), 400, "sql-not-allowed");
        problem(sql("COPY cpu TO '/tmp/x'"), 400, "sql-not-allowed");
        problem(sql("SELECT nope FROM cpu"), 400, "unknown-column");
        problem(sql("SELECT * FROM cpuu"), 404, "measurement-not-found");
        problem(sql("SELECT * FROM nodb.cpu"), 404, "database-not-found");
        problem(sql("SELECT CAST('x' || n AS INT) FROM cpu"), 400, "query-value");
        problem("{\"sql\":\"SELECT ?\"}", 400, "invalid-parameter");
        problem("{\"sql\":\"SELECT 1\",\"format\":\"xml\"}", 400, "unsupported-format");
        problem("{\"sql\":\"SELECT 1\",\"pages\":3}", 400, "invalid-request");
        problem("{\"sql\":1}", 400, "invalid-request");
        problem("{", 400, "invalid-request");
        problem("", 400, "invalid-request");
        problem("{\"sql\":\"SELECT 1\",\"timeout\":\"soon\"}", 400, "invalid-request");
        problem("{\"sql\":\"" + "x".repeat(5_000) + "\"}", 413, "body-too-large");
        JsonNode problem = problem(sql("SELECT *\nFROM glob('*')"), 400, "sql-not-allowed");
        assertThat(problem.path("position").asInt()).isEqualTo(15);
        assertThat(problem.path("detail").asString())
                .isEqualTo("table function glob is not allowed at line 2, column 6");
    }

    private static JsonNode problem(String body, int status, String code) {
        byte[] answer = post(body)
                .expectStatus()
                .isEqualTo(status)
                .expectHeader()
                .contentType("application/problem+json")
                .expectBody()
                .returnResult()
                .getResponseBody();
        assertThat(answer).isNotNull();
        JsonNode problem = new JsonMapper().readTree(answer);
        assertThat(problem.path("code").asString()).isEqualTo(code);
        assertThat(problem.path("request_id").asString()).isNotEmpty();
        return problem;
    }

    @Test
    void timeoutIs504AndStopsTheEngine() {
        long start = System.nanoTime();
        problem("{\"sql\":\"" + ENDLESS + "\",\"timeout\":\"300ms\"}", 504, "query-timeout");
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isLessThan(3_000);
    }

    @Test
    void saturationIs503WithinTheAcquireTimeout() {
        HttpClient http = HttpClient.newHttpClient();
        var running = java.util.stream.IntStream.range(0, 3)
                .mapToObj(i -> http.sendAsync(request(sql(ENDLESS + " + " + i)), HttpResponse.BodyHandlers.ofString()))
                .toList();
        until(() -> engine.acquired() == 3);
        long start = System.nanoTime();
        problem(sql("SELECT 1"), 503, "overloaded");
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isBetween(290L, 2_000L);
        running.forEach(future -> future.cancel(true));
        until(() -> engine.acquired() == 0);
        post(sql("SELECT 1 AS n")).expectBody().jsonPath("$.data[0][0]").isEqualTo(1);
    }

    private static HttpRequest request(String body) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/api/v1/query"))
                .header("Content-Type", "application/json")
                .header("X-Request-Id", "test")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static Socket get(String sql, String format) throws IOException {
        Socket socket = new Socket("localhost", port);
        socket.setSoTimeout(20_000);
        String query = "q=" + URLEncoder.encode(sql, StandardCharsets.UTF_8) + "&format=" + format;
        socket.getOutputStream()
                .write(("GET /api/v1/query?" + query + " HTTP/1.1\r\nHost: x\r\nX-Request-Id: test\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    @Test
    void disconnectBeforeTheFirstRowStopsTheEngine() throws Exception { // lesson 41
        Socket socket = get(ENDLESS, "json");
        until(() -> engine.acquired() == 1);
        long start = System.nanoTime();
        socket.close();
        until(() -> engine.acquired() == 0);
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isLessThan(1_000);
    }

    @Test
    void disconnectOfASlowReaderStopsTheEngine() throws Exception { // lesson 41
        Socket socket = get(WIDE, "ndjson");
        InputStream in = socket.getInputStream();
        for (int i = 0; i < 200; i++) {
            assertThat(in.readNBytes(4_096)).hasSize(4_096);
        }
        assertThat(engine.acquired()).isOne();
        long start = System.nanoTime();
        socket.close();
        until(() -> engine.acquired() == 0);
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isLessThan(1_000);
    }

    @Test
    void readerThatStopsHoldsNoMoreThanAFewBuffers() throws Exception { // lesson 40: 2 GB of answer, memory flat
        try (Socket socket = get(WIDE, "ndjson")) {
            socket.getInputStream().readNBytes(100_000);
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
            System.gc();
            assertThat(runtime.totalMemory() - runtime.freeMemory()).isLessThan(200L << 20);
            assertThat(io.netty.buffer.PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory())
                    .isLessThan(64L << 20);
        }
    }

    @Test
    void failureAfterTheFirstByteEndsVisiblyInEveryFormat() throws Exception { // lesson 36
        String late = "SELECT range AS n, CASE WHEN range = 900000 THEN CAST('x' || range AS INT) ELSE 1 END AS v"
                + " FROM range(1000000)";
        String lines = raw(late, "ndjson");
        assertThat(lines).startsWith("HTTP/1.1 200 OK").doesNotEndWith(LAST_CHUNK);
        String tail = lines.substring(lines.lastIndexOf("{\"$error\":"));
        JsonNode problem =
                new JsonMapper().readTree(tail.substring(0, tail.lastIndexOf('\n', tail.lastIndexOf('}') + 1)));
        assertThat(problem.path("$error").path("code").asString()).isEqualTo("query-value");
        assertThat(problem.path("$error").path("status").asInt()).isEqualTo(400);
        String document = raw(late, "json");
        assertThat(document)
                .startsWith("HTTP/1.1 200 OK")
                .doesNotEndWith(LAST_CHUNK)
                .doesNotContain("row_count");
        assertThat(raw("SELECT 1 AS n", "json")).endsWith(LAST_CHUNK);
    }

    /** The whole answer as bytes on the wire, read until the server closes or the last chunk came. */
    private static String raw(String sql, String format) throws IOException {
        try (Socket socket = get(sql, format)) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            byte[] part = new byte[65_536];
            String tail = "";
            int read = socket.getInputStream().read(part);
            while (read >= 0) {
                all.write(part, 0, read);
                String latest =
                        tail + new String(part, Math.max(0, read - 7), Math.min(7, read), StandardCharsets.ISO_8859_1);
                tail = latest.substring(Math.max(0, latest.length() - 7));
                if (tail.equals(LAST_CHUNK)) {
                    break;
                }
                try {
                    read = socket.getInputStream().read(part);
                } catch (java.net.SocketException reset) {
                    break; // broken off, as promised
                }
            }
            return all.toString(StandardCharsets.UTF_8);
        }
    }

    @Test
    void catalogRoutesListNames() {
        client.get()
                .uri("/api/v1/databases")
                .exchange()
                .expectBody()
                .jsonPath("$.databases[1]")
                .isEqualTo("telegraf");
        client.get()
                .uri("/api/v1/databases/telegraf/measurements")
                .exchange()
                .expectBody()
                .jsonPath("$.measurements[0]")
                .isEqualTo("mem");
        client.get()
                .uri("/api/v1/databases/nope/measurements")
                .exchange()
                .expectStatus()
                .isNotFound()
                .expectBody()
                .jsonPath("$.code")
                .isEqualTo("database-not-found");
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
