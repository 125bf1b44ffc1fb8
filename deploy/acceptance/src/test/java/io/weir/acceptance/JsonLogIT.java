package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A log for machines: one JSON object a line, with the id of the request that a line belongs to. */
class JsonLogIT {

    @TempDir
    private Path data;

    @Test
    void everyLineIsAnObjectAndOnesOfARequestHaveItsId() throws Exception {
        try (WeirProcess server = WeirProcess.serve(data, "weir.log.format=json", "weir.query.slow-after=1ms")) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + server.port() + "/api/v1/query?q=SELECT%201"))
                    .header("X-Request-Id", "r-4711")
                    .build();
            assertThat(WeirProcess.HTTP
                            .send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> server.output().contains("slow query"));
            List<JsonNode> lines = server.output()
                    .lines()
                    .filter(line -> !line.isBlank())
                    .map(line -> new JsonMapper().readTree(line))
                    .toList();
            assertThat(lines).allSatisfy(line -> {
                assertThat(line.path("@timestamp").asString()).isNotEmpty();
                assertThat(line.path("level").asString()).isNotEmpty();
            });
            JsonNode slow = lines.stream()
                    .filter(line -> line.path("message").asString().startsWith("slow query"))
                    .findFirst()
                    .orElseThrow();
            assertThat(slow.path("request_id").asString()).isEqualTo("r-4711");
        }
    }

    @Test
    void anUnknownFormatIsRefusedInASentence() throws Exception {
        int port = WeirProcess.freePort();
        try (WeirProcess server = WeirProcess.run(
                port,
                List.of("serve", "--port", "" + port, "--data", data.toString(), "--set", "weir.log.format=xml"))) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> server.output().contains("weir.log.format is xml (expected: text or json)"));
        }
    }
}
