package io.weir.ingest.imports;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.ingest.edge.RunningIngest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The import routes over the real write path, for the tests of each format. */
abstract class ImportSlice {

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path directory;

    RunningIngest ingest;

    @BeforeEach
    void start() {
        start(Map.of());
    }

    final void start(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("weir.ingest.flush-age", "1h", "weir.import.chunk", "1KB"));
        all.putAll(settings);
        ingest = new RunningIngest(directory, Clock.systemUTC(), all);
    }

    @AfterEach
    void stop() {
        ingest.close();
    }

    final void restart(Map<String, Object> settings) {
        stop();
        start(settings);
    }

    /** Lets no import begin a piece until what is returned is run. */
    final Runnable heldUp() {
        long half = ingest.service().budget().limitBytes() * 6 / 10;
        ingest.service().budget().charge(half);
        return () -> ingest.service().budget().credit(half);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** @param headers names and values in turn */
    final WebTestClient.ResponseSpec post(String uri, byte[] body, String... headers) {
        WebTestClient.RequestBodySpec request = ingest.client().post().uri(uri);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return request.bodyValue(body).exchange();
    }

    static JsonNode json(WebTestClient.ResponseSpec answer) {
        return JSON.readTree(answer.expectBody().returnResult().getResponseBody());
    }

    /** Sends a file and returns the id of its import. */
    final String accepted(String uri, byte[] body, String... headers) {
        WebTestClient.ResponseSpec answer = post(uri, body, headers);
        answer.expectStatus().isAccepted();
        String id = json(answer).get("id").asString();
        answer.expectHeader().valueEquals("Location", "/api/v1/import/" + id);
        return id;
    }

    /** Sends a file and waits for the end of its import. */
    final JsonNode done(String uri, byte[] body, String... headers) {
        return await(accepted(uri, body, headers));
    }

    final JsonNode job(String id) {
        WebTestClient.ResponseSpec answer =
                ingest.client().get().uri("/api/v1/import/" + id).exchange();
        answer.expectStatus().isOk();
        return json(answer);
    }

    final JsonNode await(String id) {
        soon().until(() -> !job(id).get("finished_at").isNull());
        return job(id);
    }

    static ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(5));
    }

    /** All imports that are listed. */
    final JsonNode list() {
        return json(ingest.client().get().uri("/api/v1/import").exchange()).get("imports");
    }

    final void assertRefused(String uri, byte[] body, int status, String detail, String... headers) {
        WebTestClient.ResponseSpec answer = post(uri, body, headers);
        answer.expectStatus().isEqualTo(status);
        assertThat(json(answer).get("detail").asString()).contains(detail);
    }
}
