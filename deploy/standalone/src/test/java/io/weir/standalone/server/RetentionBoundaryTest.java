package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A policy that rewrites boundary files, by its routes. REQUIREMENTS L1. */
class RetentionBoundaryTest {

    private static final String RETENTION = "/api/v1/retention";

    @TempDir
    Path data;

    private AccessServer server;
    private String policy;

    private JsonNode ok(String method, String path, String body, int status) {
        AccessServer.Answer answer = server.send(method, path, Map.of("Content-Type", "application/json"), body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        return answer.body().isEmpty() ? null : answer.json();
    }

    private void write(Instant hour, int fromMinute, int toMinute) {
        StringBuilder lines = new StringBuilder();
        for (int minute = fromMinute; minute < toMinute; minute++) {
            lines.append("cpu,host=a v=1 ")
                    .append(hour.plus(minute, ChronoUnit.MINUTES).getEpochSecond())
                    .append('\n');
        }
        ok("POST", "/write?db=iot&precision=s", lines.toString(), 204);
    }

    private long rows() {
        return ok("POST", "/api/v1/query", "{\"db\":\"iot\",\"sql\":\"SELECT count(*) FROM cpu\"}", 200)
                .get("data")
                .get(0)
                .get(0)
                .asLong();
    }

    private JsonNode execute(String body) {
        return ok("POST", policy + "/execute", body, 200);
    }

    private static void sameNumbers(JsonNode json, Map<String, Integer> numbers) {
        numbers.forEach((name, number) ->
                assertThat(json.path(name).asInt(-1)).as("%s of %s", name, json).isEqualTo(number));
    }

    @Test
    void rowsOfABoundaryFileAreToldAndGoAtOnceAndTheFileFollows() {
        try (AccessServer running = new AccessServer(
                data,
                "weir.auth.enabled",
                "false",
                "weir.ingest.flush-age",
                "1h",
                "weir.ingest.flush-max-age",
                "1h",
                "weir.delete.rewrite.interval",
                "500ms")) {
            server = running;
            Instant now = Instant.now();
            int beyondHalf = now.atOffset(ZoneOffset.UTC).getMinute() - 30;
            Duration keep =
                    Duration.ofDays(30).plusMinutes(beyondHalf); // so that the cutoff is in the middle of an hour
            Instant hour = now.minus(keep).truncatedTo(ChronoUnit.HOURS);
            write(hour, 0, 20);
            write(hour, 40, 60);
            policy = RETENTION + "/"
                    + ok(
                                    "POST",
                                    RETENTION,
                                    "{\"name\":\"a month\",\"database\":\"iot\",\"boundary\":\"rewrite\",\"enabled\":false,"
                                            + "\"duration\":\"" + keep.toMinutes() + "m\"}",
                                    201)
                            .get("id")
                            .asString();
            assertThat(ok("PUT", policy, "{\"interval\":\"2h\"}", 200)
                            .get("boundary")
                            .asString())
                    .as("what a change does not name")
                    .isEqualTo("rewrite");
            sameNumbers(execute("{\"dry_run\":true}"), Map.of("hot_rows", 20, "boundary_rows_deleted", 0, "rows", 0));

            ok("POST", "/api/v1/flush", "", 204);
            write(hour, 1, 2);
            JsonNode tried = execute("{\"dry_run\":true}");
            sameNumbers(
                    tried,
                    Map.of(
                            "files", 0,
                            "hot_rows", 1,
                            "boundary_files_rewritten", 1,
                            "boundary_rows_deleted", 20,
                            "boundary_files_kept", 0));
            sameNumbers(tried.get("rewritten_files").get(0), Map.of("rows", 40, "rows_deleted", 20));
            sameNumbers(
                    tried.get("measurements").get(0), Map.of("boundary_rows_kept", 20, "boundary_rows_deleted", 20));
            assertThat(rows()).isEqualTo(41);

            sameNumbers(
                    execute(""),
                    Map.of("files", 1, "rows", 1, "boundary_files_rewritten", 1, "boundary_rows_deleted", 20));
            assertThat(rows()).isEqualTo(20);
            assertThat(ok("GET", "/api/v1/delete", "", 200).get("deletes"))
                    .as("nobody asked for it")
                    .isEmpty();
            String id = policy.substring(policy.lastIndexOf('/') + 1);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(ok("GET", "/api/v1/delete?policy=" + id, "", 200)
                                    .get("deletes"))
                            .isEmpty());
            assertThat(rows()).isEqualTo(20);
            sameNumbers(execute("{\"dry_run\":true}"), Map.of("boundary_files_rewritten", 0, "boundary_files_kept", 0));
            sameNumbers(
                    ok("GET", policy + "/executions", "", 200).get("executions").get(0),
                    Map.of("rows", 1, "boundary_files_rewritten", 1, "boundary_rows_deleted", 20));
            assertThat(ok("PUT", policy, "{\"boundary\":\"cut\"}", 400).toString())
                    .contains("expected: keep or rewrite");
            assertThat(ok("PUT", policy, "{\"boundary\":\"keep\"}", 200)
                            .get("boundary")
                            .asString())
                    .isEqualTo("keep");
        }
    }
}
