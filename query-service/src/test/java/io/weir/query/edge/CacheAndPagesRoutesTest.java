package io.weir.query.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.luben.zstd.ZstdInputStream;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.model.TableId;
import io.weir.common.supervise.BackgroundLoop;
import io.weir.query.TestTables;
import io.weir.query.cursor.Cursors;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.EntityExchangeResult;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The cache and the cursors as clients see them (C1, C2, C6, Q5). */
@Timeout(60)
class CacheAndPagesRoutesTest {

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    static Path directory;

    private static QueryServer server;
    private static WebTestClient client;
    private static TestTables tables;
    private static TableId cpu;

    @BeforeAll
    static void start() {
        server = new QueryServer(
                directory,
                "--weir.query.cache.warm-every=100ms",
                "--weir.query.cache.sweep=100ms",
                "--weir.query.cache.warm[0].name=rows",
                "--weir.query.cache.warm[0].organisation=" + TestTables.ORGANISATION,
                "--weir.query.cache.warm[0].sql=SELECT count(*) AS warm FROM cpu",
                "--weir.query.cursor.max-page-rows=5000");
        client = server.client();
        tables = server.bean(TestTables.class);
        cpu = tables.create("default", "cpu");
        tables.write(cpu, 0, 10_500);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static EntityExchangeResult<byte[]> post(String path, Map<String, ?> body, String... headers) {
        WebTestClient.RequestBodySpec request = client.post().uri(path).contentType(MediaType.APPLICATION_JSON);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return request.bodyValue(body).exchange().expectBody().returnResult();
    }

    private static JsonNode json(EntityExchangeResult<byte[]> answer) {
        assertThat(answer.getResponseBody()).isNotNull();
        return JSON.readTree(answer.getResponseBody());
    }

    private static String cache(EntityExchangeResult<byte[]> answer) {
        return answer.getResponseHeaders().getFirst("Weir-Cache");
    }

    private static JsonNode stats() {
        return json(
                client.get().uri("/api/v1/cache/stats").exchange().expectBody().returnResult());
    }

    @Test
    void anAnswerSaysWhereItComesFromAndBothAreTheSame() throws Exception {
        String[] query = {"q", "SELECT host, max(n) AS m FROM cpu WHERE n < 100 GROUP BY host ORDER BY host"};
        try (RawAnswer.Connection connection = new RawAnswer.Connection(server.port())) {
            for (String encoding : List.of("identity", "gzip", "zstd")) {
                String accept = "Accept-Encoding: " + encoding + "\r\n";
                RawAnswer first = connection.get("/api/v1/query", accept, query);
                RawAnswer second = connection.get("/api/v1/query", accept, query);
                assertThat(first.headers()).containsEntry("weir-cache", "miss");
                assertThat(second.headers())
                        .containsEntry("weir-cache", "hit")
                        .containsEntry("weir-cache-key", first.headers().get("weir-cache-key"));
                assertThat(second.headers().get("weir-cache-key")).hasSize(32);
                assertThat(second.headers().get("weir-query-id"))
                        .isNotEqualTo(first.headers().get("weir-query-id"));
                assertThat(second.headers().get("content-encoding"))
                        .isEqualTo(first.headers().get("content-encoding"));
                assertThat(second.body()).isEqualTo(first.body());
                assertThat(second.complete()).isTrue();
                ByteArrayInputStream body = new ByteArrayInputStream(second.body());
                byte[] plain = switch (encoding) {
                    case "gzip" -> new GZIPInputStream(body).readAllBytes();
                    case "zstd" -> new ZstdInputStream(body).readAllBytes();
                    default -> body.readAllBytes();
                };
                assertThat(JSON.readTree(plain).path("data").toString()).isEqualTo("[[\"a\",98],[\"b\",99]]");
            }
            assertThat(connection
                            .get("/api/v1/query", "Cache-Control: max-age=0, no-cache\r\n", query)
                            .headers())
                    .containsEntry("weir-cache", "bypass");
            assertThat(connection
                            .get("/api/v1/query", "", "q", "SELECT now() AS t FROM cpu LIMIT 1")
                            .headers())
                    .containsEntry("weir-cache", "bypass");
            assertThat(connection
                            .get("/api/v3/query_sql", "", "db", "default", "q", "SELECT count(*) AS i FROM cpu")
                            .headers())
                    .containsEntry("weir-cache", "miss");
        }
    }

    @Test
    void trailersOfAHitTellItsRows() throws Exception {
        try (RawAnswer.Connection connection = new RawAnswer.Connection(server.port())) {
            for (String expected : List.of("miss", "hit")) {
                RawAnswer answer = connection.get(
                        "/api/v1/query", "TE: trailers\r\n", "q", "SELECT n AS t FROM cpu LIMIT 3", "max_rows", "2");
                assertThat(answer.headers()).containsEntry("weir-cache", expected);
                assertThat(answer.trailers())
                        .containsEntry("weir-row-count", "2")
                        .containsEntry("weir-truncated", "true");
            }
        }
    }

    @Test
    void figuresAreToldAndExported() {
        post("/api/v1/query", Map.of("sql", "SELECT min(n) AS figures FROM cpu"));
        post("/api/v1/query", Map.of("sql", "SELECT min(n) AS figures FROM cpu"));
        JsonNode stats = stats();
        assertThat(stats.path("enabled").asBoolean()).isTrue();
        assertThat(stats.path("hits").asLong()).isPositive();
        assertThat(stats.path("requests").asLong())
                .isEqualTo(stats.path("hits").asLong() + stats.path("misses").asLong());
        assertThat(stats.path("hit_rate").asDouble()).isBetween(0.0, 1.0);
        assertThat(stats.path("bytes").asLong())
                .isBetween(1L, stats.path("max_bytes").asLong());
        assertThat(stats.path("organisation").path("size").asLong()).isPositive();
        for (String name : List.of("sets", "size", "bytes", "hit.rate")) {
            assertThat(registered("weir.query.cache." + name)).as(name).isPositive();
        }
        MeterRegistry registry = new SimpleMeterRegistry();
        server.beans(MeterBinder.class).forEach(binder -> binder.bindTo(registry));
        assertThat(registry.get("weir.query.cache.requests")
                        .tag("result", "hit")
                        .functionCounter()
                        .count())
                .isPositive();
        server.beans(BackgroundLoop.class).forEach(loop -> loop.turn().block(Duration.ofSeconds(10)));
        assertThat(stats().path("sweeps").asLong()).isPositive();
    }

    @Test
    void whatIsNamedIsForgotten() {
        Map<String, Object> query = Map.of("sql", "SELECT max(n) AS forgotten FROM cpu");
        String key = post("/api/v1/query", query).getResponseHeaders().getFirst("Weir-Cache-Key");
        assertThat(cache(post("/api/v1/query", query))).isEqualTo("hit");
        assertThat(json(post("/api/v1/cache/invalidate", Map.of("key", key)))
                        .path("invalidated")
                        .asLong())
                .isEqualTo(1);
        assertThat(cache(post("/api/v1/query", query))).isEqualTo("miss");
        assertThat(json(post("/api/v1/cache/invalidate", Map.of("pattern", "*FORGOTTEN*")))
                        .path("invalidated")
                        .asLong())
                .isEqualTo(1);
        assertThat(json(post("/api/v1/cache/invalidate", Map.of("database", "other")))
                        .path("invalidated")
                        .asLong())
                .isZero();
        JsonNode problem = json(post("/api/v1/cache/invalidate", Map.of("table", "cpu")));
        assertThat(problem.path("detail").asString())
                .isEqualTo("member \"table\" is not known (expected: key, pattern, database, measurement)");
    }

    @Test
    void aWarmQueryIsAHitTheFirstTimeItIsAsked() {
        await().until(() -> "hit"
                .equals(cache(post(
                        "/api/v1/query",
                        Map.of("sql", "SELECT count(*) AS warm FROM cpu"),
                        "Accept-Encoding",
                        "gzip"))));
    }

    @Test
    void aResultIsReadPageByPageInBothWaysOfAsking() {
        List<Integer> rows = new ArrayList<>();
        EntityExchangeResult<byte[]> answer =
                post("/api/v1/query", Map.of("sql", "SELECT n FROM cpu ORDER BY n", "page_size", 4_000));
        assertThat(answer.getResponseHeaders().getFirst("Weir-Query-Id")).isNotNull();
        while (true) {
            JsonNode page = json(answer);
            page.path("data").forEach(row -> rows.add(row.get(0).asInt()));
            String cursor = page.path("next_cursor").asString("");
            assertThat(answer.getResponseHeaders().getFirst("Weir-Next-Cursor"))
                    .isEqualTo(cursor.isEmpty() ? null : cursor);
            if (cursor.isEmpty()) {
                break;
            }
            tables.write(cpu, 20_000 + rows.size(), 1);
            answer = post("/api/v1/query", Map.of("cursor", cursor));
        }
        assertThat(rows.size()).isGreaterThanOrEqualTo(10_500).isLessThan(10_520);
        assertThat(rows.subList(0, 10_500)).isSorted().doesNotHaveDuplicates().endsWith(10_499);

        assertThat(registered("weir.query.cursors.opened")).isPositive();
        assertThat(registered("weir.query.cursors.bytes")).isPositive();
        String next;
        try (RawAnswer.Connection connection = new RawAnswer.Connection(server.port())) {
            RawAnswer first = connection.get(
                    "/api/v1/query/stream",
                    "TE: trailers\r\n",
                    "page_size",
                    "5000",
                    "q",
                    "SELECT n FROM cpu WHERE n < 6000");
            assertThat(first.text().lines()).hasSize(5_000);
            assertThat(first.trailers()).containsEntry("weir-row-count", "5000");
            next = first.headers().get("weir-next-cursor");
            RawAnswer last = connection.get("/api/v1/query", "Accept-Encoding: zstd\r\n", "cursor", next);
            assertThat(last.headers())
                    .containsEntry("content-type", "application/x-ndjson")
                    .containsEntry("content-encoding", "zstd")
                    .doesNotContainKey("weir-next-cursor");
            assertThat(unpacked(last.body()).lines()).hasSize(1_000);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
        JsonNode wrongRoute = json(post("/api/v1/query/csv", Map.of("cursor", next)));
        assertThat(wrongRoute.path("detail").asString()).startsWith("the cursor is of a result as ndjson");
    }

    private static double registered(String name) {
        MeterRegistry registry = new SimpleMeterRegistry();
        server.beans(MeterBinder.class).forEach(binder -> binder.bindTo(registry));
        return registry.get(name).meter().measure().iterator().next().getValue();
    }

    private static String unpacked(byte[] zstd) {
        try (ZstdInputStream in = new ZstdInputStream(new ByteArrayInputStream(zstd))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void wrongPagesAndCursorsAreProblems() {
        Map<String, Map<String, Object>> wrong = Map.of(
                "page_size is not a whole number from 1 on", Map.of("sql", "SELECT 1", "page_size", 0),
                "page_size is 5001 (expected: at most 5000; without page_size a result is streamed, however large)",
                        Map.of("sql", "SELECT 1", "page_size", 5_001),
                "\"cursor\" stands for the whole query (expected: {\"cursor\": …} and nothing else)",
                        Map.of("sql", "SELECT 1", "cursor", "x"));
        wrong.forEach((detail, body) -> {
            EntityExchangeResult<byte[]> answer = post("/api/v1/query", body);
            assertThat(answer.getStatus().value()).isEqualTo(400);
            assertThat(json(answer).path("detail").asString()).isEqualTo(detail);
        });
        EntityExchangeResult<byte[]> gone = post("/api/v1/query", Map.of("cursor", "abc"));
        assertThat(gone.getStatus().value()).isEqualTo(410);
        assertThat(json(gone).path("code").asString()).isEqualTo("cursor-gone");
        assertThat(json(gone).path("ttl_seconds").asInt()).isEqualTo(300);
        EntityExchangeResult<byte[]> failed =
                post("/api/v1/query", Map.of("sql", "SELECT nothing FROM cpu", "page_size", 5));
        assertThat(failed.getStatus().value()).isEqualTo(400);
        assertThat(json(failed).path("code").asString()).isEqualTo("unknown-column");
        await().until(() -> server.bean(Cursors.class).size() <= 3); // none of a query that failed
    }

    @Test
    void theCacheCanBeSwitchedOff() {
        try (QueryServer off = new QueryServer(directory.resolve("off"), "--weir.query.cache.enabled=false")) {
            TestTables own = off.bean(TestTables.class);
            own.write(own.create("default", "cpu"), 0, 10);
            for (int i = 0; i < 2; i++) {
                off.client()
                        .get()
                        .uri("/api/v1/query?q={q}", "SELECT count(*) FROM cpu")
                        .exchange()
                        .expectHeader()
                        .valueEquals("Weir-Cache", "bypass")
                        .expectBody()
                        .jsonPath("$.data[0][0]")
                        .isEqualTo(10);
            }
            off.client()
                    .get()
                    .uri("/api/v1/cache/stats")
                    .exchange()
                    .expectBody()
                    .jsonPath("$.enabled")
                    .isEqualTo(false)
                    .jsonPath("$.size")
                    .isEqualTo(0);
        }
    }
}
