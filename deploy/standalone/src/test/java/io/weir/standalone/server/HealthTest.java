package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.common.pressure.PressureListener;
import io.weir.standalone.server.AccessServer.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a server tells of its health, and what follows from it. REQUIREMENTS O2, O3; LESSONS 47. */
class HealthTest {

    @TempDir
    private Path data;

    private static void awaitTrue(java.util.concurrent.Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(condition);
    }

    private String operator() throws Exception {
        return Files.readString(data.resolve("operator-token")).strip();
    }

    @Test
    void detailsTellOfMemoryLoopsPoolsBuffersAndChecks() throws Exception {
        try (AccessServer server = new AccessServer(data, "weir.health.interval", "50ms")) {
            String operator = operator();
            awaitTrue(() -> server.send("GET", "/health", operator, "")
                            .json()
                            .path("disk")
                            .path("freeBytes")
                            .asLong()
                    > 0);
            JsonNode health = server.send("GET", "/health", operator, "").json();
            assertThat(health.path("status").asString()).isEqualTo("UP");
            assertThat(health.path("checks").propertyNames())
                    .containsExactlyInAnyOrder("wal", "catalog", "store", "credentials", "disk");
            assertThat(health.path("memory").path("pressure").asString()).isEqualTo("normal");
            assertThat(health.path("memory").path("heapMaxBytes").asLong()).isPositive();
            assertThat(health.path("memory").path("containerBytes").asLong()).isPositive();
            assertThat(health.path("eventLoops").path("watched").asInt()).isPositive();
            assertThat(health.path("queries").path("sessionsMax").asInt()).isPositive();
            assertThat(health.path("catalogPool").path("max").asInt()).isPositive();
            assertThat(health.path("ingest").path("bufferLimitBytes").asLong()).isPositive();
            assertThat(health.path("ingest").has("walLagBytes")).isTrue();
            assertThat(health.path("metrics").path("ok").asBoolean()).isTrue();
        }
    }

    @Test
    void aFullDiskMakesItNotReadyButLeavesItAlive() throws Exception {
        try (AccessServer server = new AccessServer(
                data,
                "weir.health.interval",
                "20ms",
                "weir.health.failures",
                "0",
                "weir.health.min-free",
                "1000000GB")) {
            awaitTrue(() -> server.send("GET", "/health/readiness", "", "").status() == 503);
            Answer stranger = server.send("GET", "/health/readiness", "", "");
            assertThat(stranger.body()).isEqualTo("{\"status\":\"DOWN\"}");
            assertThat(server.send("GET", "/health/liveness", "", "").status()).isEqualTo(200);
            Answer health = server.send("GET", "/health", operator(), "");
            assertThat(health.status()).isEqualTo(503);
            assertThat(health.json().path("checks").path("disk").path("problem").asString())
                    .contains("bytes left", "weir.health.min-free");
            assertThat(server.send("GET", "/metrics", operator(), "").body()).contains("weir_health_ready 0.0");
        }
    }

    @Test
    void aPartThatIsNotRequiredOnlyDegrades() throws Exception {
        try (AccessServer server = new AccessServer(
                data,
                "weir.health.interval",
                "20ms",
                "weir.health.failures",
                "0",
                "weir.health.required",
                "wal",
                "weir.health.min-free",
                "1000000GB")) {
            String operator = operator();
            awaitTrue(() -> server.send("GET", "/health", operator, "")
                    .json()
                    .path("status")
                    .asString()
                    .equals("DEGRADED"));
            assertThat(server.send("GET", "/health/readiness", "", "").status()).isEqualTo(200);
        }
    }

    @Test
    void whileMemoryIsShortHeavyQueriesAreRefusedAndLightOnesAnswered() throws Exception {
        try (AccessServer server =
                new AccessServer(data, "weir.query.heavy.rows", "2", "weir.query.cache.enabled", "false")) {
            String operator = operator();
            server.send("POST", "/write?db=lab", operator, "cpu v=1 1\ncpu v=2 2\ncpu v=3 3\none v=1 1");
            PressureListener queries = server.bean("queriesUnderPressure", PressureListener.class);
            queries.pressed(true);
            Answer heavy = server.send("GET", "/api/v1/query?db=lab&q=SELECT%20sum(v)%20FROM%20cpu", operator, "");
            assertThat(heavy.status()).isEqualTo(503);
            assertThat(heavy.header("retry-after")).isNotEmpty();
            assertThat(heavy.json().path("detail").asString()).contains("memory is short");
            assertThat(server.send("GET", "/api/v1/query?db=lab&q=SELECT%20v%20FROM%20one", operator, "")
                            .status())
                    .isEqualTo(200);
            queries.pressed(false);
            assertThat(server.send("GET", "/api/v1/query?db=lab&q=SELECT%20sum(v)%20FROM%20cpu", operator, "")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void thePastOfAMetricIsForOperators() throws Exception {
        try (AccessServer server = new AccessServer(data, "weir.metrics.history.interval", "100ms")) {
            String operator = operator();
            String reader = server.token(operator, "reader", "read", "");
            String route = "/api/v1/metrics/history";
            awaitTrue(() -> server.send("GET", route + "?name=weir_health_ready", operator, "")
                            .json()
                            .path("series")
                            .path(0)
                            .path("points")
                            .size()
                    > 1);
            JsonNode point = server.send("GET", route + "?name=weir_health_ready", operator, "")
                    .json()
                    .path("series")
                    .path(0)
                    .path("points")
                    .path(0);
            assertThat(point.path(1).asDouble()).isEqualTo(1);
            assertThat(server.send("GET", route, operator, "")
                            .json()
                            .path("metrics")
                            .toString())
                    .contains("weir_process_resident_bytes");
            assertThat(server.send("GET", route, reader, "").status()).isEqualTo(403);
            Answer wrong = server.send("GET", route + "?name=a&from=yesterday", operator, "");
            assertThat(wrong.status()).isEqualTo(400);
            assertThat(wrong.json().path("detail").asString()).contains("from is \"yesterday\"", "expected: a time");
            assertThat(server.send("GET", route + "?name=none", operator, "")
                            .json()
                            .path("series")
                            .size())
                    .isZero();
        }
    }
}
