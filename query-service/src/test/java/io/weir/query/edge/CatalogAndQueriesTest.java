package io.weir.query.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.auth.Principal;
import io.weir.common.model.TableId;
import io.weir.query.TestTables;
import io.weir.query.engine.QueryMetrics;
import io.weir.query.engine.RunningQueries;
import io.weir.storage.duckdb.DuckDbEngine;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What databases and measurements hold, what a query would read, and which queries run. */
@Timeout(60)
class CatalogAndQueriesTest {

    private static final String ENDLESS =
            "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE hash(a.range + b.range) = 1";
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    static Path directory;

    private static QueryServer server;
    private static WebTestClient client;

    @BeforeAll
    static void start() {
        server = new QueryServer(directory, "--weir.query.slow-after=1ms");
        client = server.client();
        TestTables tables = server.bean(TestTables.class);
        TableId cpu = tables.create("default", "cpu");
        for (int hour = 0; hour < 3; hour++) {
            tables.write(cpu, hour * 3_600, 100);
            tables.flush(cpu);
        }
        tables.write(cpu, 3 * 3_600, 7);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode json(WebTestClient.ResponseSpec answer) {
        byte[] body = answer.expectStatus().isOk().expectBody().returnResult().getResponseBody();
        assertThat(body).isNotNull();
        return JSON.readTree(body);
    }

    private static WebTestClient.ResponseSpec post(String path, Map<String, ?> body) {
        return client.post()
                .uri(path)
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(JSON.writeValueAsString(body))
                .exchange();
    }

    private static int status(WebTestClient.ResponseSpec answer) {
        return answer.expectBody().returnResult().getStatus().value();
    }

    @Test
    void databasesAreCreatedOnceAndDescribed() {
        post("/api/v1/databases", Map.of("name", "plant"))
                .expectStatus()
                .isCreated()
                .expectHeader()
                .location("/api/v1/databases/plant")
                .expectBody()
                .jsonPath("$.name")
                .isEqualTo("plant");
        assertThat(status(post("/api/v1/databases", Map.of("name", "plant")))).isEqualTo(200);
        JsonNode plant = json(client.get().uri("/api/v1/databases/plant").exchange());
        assertThat(plant.path("name").asString()).isEqualTo("plant");
        assertThat(plant.path("measurements").asInt()).isZero();
        for (Map<String, Object> wrong :
                List.<Map<String, Object>>of(Map.of("name", "../x"), Map.of(), Map.of("name", 3))) {
            post("/api/v1/databases", wrong)
                    .expectStatus()
                    .isBadRequest()
                    .expectHeader()
                    .contentType("application/problem+json")
                    .expectBody()
                    .jsonPath("$.detail")
                    .isNotEmpty();
        }
        var request = client.post().uri("/api/v1/databases").contentType(MediaType.APPLICATION_JSON);
        assertThat(status(request.bodyValue("{").exchange())).isEqualTo(400);
        assertThat(status(client.get().uri("/api/v1/databases/nope").exchange()))
                .isEqualTo(404);
        assertThat(status(client.put().uri("/api/v1/databases").exchange())).isEqualTo(405);
    }

    @Test
    void pathThatIsNoRouteIsAProblem() {
        client.get()
                .uri("/nowhere")
                .exchange()
                .expectStatus()
                .isNotFound()
                .expectHeader()
                .contentType("application/problem+json")
                .expectBody()
                .jsonPath("$.code")
                .isEqualTo("not-found");
    }

    @Test
    void measurementHasColumnsTimesAndSizes() {
        JsonNode schema = json(client.get()
                .uri("/api/v1/databases/default/measurements/CPU/schema")
                .exchange());
        assertThat(schema.path("measurement").asString()).isEqualTo("cpu");
        assertThat(schema.path("columns").toString())
                .isEqualTo("[{\"name\":\"time\",\"type\":\"TIMESTAMP WITH TIME ZONE\",\"tag\":false},"
                        + "{\"name\":\"host\",\"type\":\"VARCHAR\",\"tag\":true},"
                        + "{\"name\":\"v\",\"type\":\"DOUBLE\",\"tag\":false},"
                        + "{\"name\":\"n\",\"type\":\"BIGINT\",\"tag\":false}]");
        assertThat(schema.path("rows").asLong()).isEqualTo(307);
        assertThat(schema.path("hot_rows").asLong()).isEqualTo(7);
        assertThat(schema.path("files").asLong()).isEqualTo(3);
        assertThat(schema.path("time_range").path("from").asString()).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(schema.path("time_range").path("to").asString()).isEqualTo("1970-01-01T03:00:06Z");
        client.get()
                .uri("/api/v1/databases/default/measurements/cpux/schema")
                .exchange()
                .expectStatus()
                .isNotFound()
                .expectBody()
                .jsonPath("$.near[0]")
                .isEqualTo("cpu");
    }

    @Test
    void estimateCountsWhatAQueryWouldRead() {
        String sql =
                "SELECT * FROM cpu WHERE time >= '1970-01-01 01:00:00Z' AND time < '1970-01-01 02:00:00Z' AND n < $x";
        JsonNode some = json(post("/api/v1/query/estimate", Map.of("sql", sql, "params", Map.of("x", 1))));
        assertThat(some.path("rows").asLong()).isEqualTo(100);
        assertThat(some.path("files").asLong()).isEqualTo(1);
        assertThat(some.path("bytes").asLong()).isEqualTo(1_000);
        assertThat(some.path("warning_level").asString()).isEqualTo("none");
        JsonNode all = json(
                post("/api/v1/query/estimate", Map.of("sql", "SELECT * FROM cpu a JOIN \"default\".cpu b USING (n)")));
        assertThat(all.path("rows").asLong()).isEqualTo(307);
        assertThat(all.path("tables").size()).isOne();
        assertThat(json(post("/api/v1/query/estimate", Map.of("sql", "SELECT 1")))
                        .path("rows")
                        .asLong())
                .isZero();
        assertThat(status(post("/api/v1/query/estimate", Map.of("sql", "SELECT * FROM nope"))))
                .isEqualTo(404);
        assertThat(status(post("/api/v1/query/estimate", Map.of("sql", "DROP TABLE cpu"))))
                .isEqualTo(400);
    }

    @Test
    void queriesAreListedAndCancelledByTheirId() {
        RunningQueries running = server.bean(RunningQueries.class);
        HttpClient http = HttpClient.newHttpClient();
        long failed = running.count(RunningQueries.Outcome.FAILED);
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(
                HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/api/v1/query"))
                        .header("Content-Type", "application/json")
                        .header("X-Request-Id", "test")
                        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(Map.of("sql", ENDLESS))))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        await().until(() -> server.bean(DuckDbEngine.class).acquired() == 1 || answer.isDone());
        assertThat(answer).as("the answer, which should take for ever").isNotDone();
        JsonNode query = json(client.get().uri("/api/v1/queries").exchange())
                .path("queries")
                .path(0);
        assertThat(query.path("sql").asString()).isEqualTo(ENDLESS);
        assertThat(query.path("database").asString()).isEqualTo("default");
        String id = query.path("id").asString();
        assertThat(status(client.delete().uri("/api/v1/queries/" + id).exchange()))
                .isEqualTo(204);
        HttpResponse<String> ended = answer.join();
        assertThat(ended.statusCode()).isEqualTo(409);
        assertThat(ended.body()).contains("\"query-cancelled\"", id);
        await().until(() -> server.bean(DuckDbEngine.class).acquired() == 0);
        assertThat(json(client.get().uri("/api/v1/queries").exchange())
                        .path("queries")
                        .size())
                .isZero();
        assertThat(status(client.delete().uri("/api/v1/queries/" + id).exchange()))
                .isEqualTo(404);
        assertThat(running.count(RunningQueries.Outcome.FAILED)).isEqualTo(failed + 1);
        assertThat(running.cancel(Principal.unrestricted("another organisation", "tester"), id))
                .isFalse();
    }

    @Test
    void queriesAndSessionsAreCounted() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        server.bean(QueryMetrics.class).bindTo(registry);
        double done = registry.get("weir.query")
                .tag("outcome", "done")
                .functionTimer()
                .count();
        double slow = registry.get("weir.query.slow").functionCounter().count();
        double created =
                registry.get("weir.query.sessions.opened").functionCounter().count();
        assertThat(status(post("/api/v1/query", Map.of("sql", "SELECT count(*) FROM cpu"))))
                .isEqualTo(200);
        await().until(() -> registry.get("weir.query")
                        .tag("outcome", "done")
                        .functionTimer()
                        .count()
                == done + 1);
        assertThat(registry.get("weir.query.slow").functionCounter().count()).isEqualTo(slow + 1);
        assertThat(registry.get("weir.query.sessions.opened").functionCounter().count())
                .isGreaterThan(created);
        assertThat(registry.get("weir.query.running").gauge().value()).isZero();
    }
}
