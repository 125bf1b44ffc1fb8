package io.weir.ingest.imports;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.ingest.edge.RunningIngest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Files over the import routes, from the body to the rows. REQUIREMENTS P7. */
class ImportTest {

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path directory;

    private RunningIngest ingest;

    @BeforeEach
    void start() {
        start(Map.of());
    }

    private void start(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("weir.ingest.flush-age", "1h", "weir.import.chunk", "1KB"));
        all.putAll(settings);
        ingest = new RunningIngest(directory, Clock.systemUTC(), all);
    }

    @AfterEach
    void stop() {
        ingest.close();
    }

    private WebTestClient.ResponseSpec post(String uri, byte[] body, String... encoding) {
        WebTestClient.RequestBodySpec request = ingest.client().post().uri(uri);
        for (String value : encoding) {
            request.header("Content-Encoding", value);
        }
        return request.bodyValue(body).exchange();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static JsonNode json(WebTestClient.ResponseSpec answer) {
        return JSON.readTree(answer.expectBody().returnResult().getResponseBody());
    }

    /** Sends a file and waits for its end. */
    private JsonNode done(String uri, byte[] body, String... encoding) {
        WebTestClient.ResponseSpec answer = post(uri, body, encoding);
        answer.expectStatus().isAccepted();
        JsonNode job = json(answer);
        answer.expectHeader()
                .valueEquals("Location", "/api/v1/import/" + job.get("id").asString());
        return await(job.get("id").asString());
    }

    private JsonNode job(String id) {
        WebTestClient.ResponseSpec answer =
                ingest.client().get().uri("/api/v1/import/" + id).exchange();
        answer.expectStatus().isOk();
        return json(answer);
    }

    private JsonNode await(String id) {
        long deadline = System.nanoTime() + 30_000_000_000L;
        JsonNode job = job(id);
        while (job.get("finished_at").isNull() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(5_000_000);
            job = job(id);
        }
        return job;
    }

    private static String csv(int rows) {
        StringBuilder file = new StringBuilder("when,host,v,note\n");
        for (int i = 0; i < rows; i++) {
            file.append(1_700_000_000 + i)
                    .append(",h")
                    .append(i % 3)
                    .append(',')
                    .append(i)
                    .append(",\"a,\nb\"\n");
        }
        return file.toString();
    }

    @Test
    void aCsvFileBecomesRowsInManyPieces() throws IOException {
        JsonNode job = done("/api/v1/import/csv?db=d&measurement=m&time_column=when&tags=host", utf8(csv(500)));
        assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.get("rows_stored").asLong()).isEqualTo(500);
        assertThat(job.get("bytes_read")).isEqualTo(job.get("bytes_total"));
        assertThat(job.get("measurement").asString()).isEqualTo("m");
        assertThat(job.get("started_at").isNull()).isFalse();
        assertThat(ingest.rows("d", "m")).isEqualTo(500);
        try (Stream<Path> left = Files.list(directory.resolve("imports"))) {
            assertThat(left.map(path -> path.getFileName().toString())).allMatch(name -> name.endsWith(".json"));
        }
    }

    @Test
    void lineProtocolIsImportedToo() {
        StringBuilder file = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            file.append(i % 2 == 0 ? "even" : "odd")
                    .append(",host=h s=\"two\nlines\",v=")
                    .append(i)
                    .append("i ");
            file.append(1_700_000_000 + i).append('\n');
        }
        JsonNode job = done("/api/v1/import/lp?db=d", utf8(file.toString()));
        assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("succeeded");
        assertThat(ingest.rows("d", "even")).isEqualTo(250);
        assertThat(ingest.rows("d", "odd")).isEqualTo(250);
    }

    @Test
    void aCompressedFileIsUnpackedAsItArrives() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(utf8(csv(100)));
        }
        String uri = "/api/v1/import/csv?db=d&measurement=m&time_column=when&tags=host";
        assertThat(done(uri, out.toByteArray(), "gzip").get("rows_stored").asLong())
                .isEqualTo(100);
        assertThat(done(uri, out.toByteArray()).get("status").asString())
                .as("by its magic bytes")
                .isEqualTo("succeeded");
    }

    @Test
    void badRowsAreReportedWithTheirLines() { // LESSONS 64
        String file =
                csv(300).replace("1700000100,h1,100", "never,h1,100").replace("1700000200,h2,200", "1700000200,h2,x");
        JsonNode job = done("/api/v1/import/csv?db=d&measurement=m&time_column=when&tags=host", utf8(file));
        assertThat(job.get("status").asString()).isEqualTo("succeeded");
        assertThat(job.get("rows_stored").asLong()).isEqualTo(298);
        assertThat(job.get("rows_rejected").asLong()).isEqualTo(2);
        assertThat(job.get("errors").get(0).get("line_number").asInt()).isEqualTo(202);
        assertThat(job.get("errors").get(0).get("error_message").asString())
                .startsWith("time \"never\" is not a time at line 202, column 1");
        assertThat(job.get("errors").get(1).get("error_message").asString())
                .startsWith("value \"x\" of column \"v\" is no integer at line 402, column 15");
    }

    @Test
    void withoutPartialRowsTheFirstBadOneEndsTheImport() {
        String file = csv(300).replace("1700000200,h2,200", "1700000200,h2,x");
        JsonNode job = done(
                "/api/v1/import/csv?db=d&measurement=m&time_column=when&tags=host&accept_partial=false", utf8(file));
        assertThat(job.get("status").asString()).isEqualTo("failed");
        assertThat(job.get("failure").asString()).contains("at line 402").endsWith("so the import ends here");
        assertThat(ingest.rows("d", "m"))
                .isEqualTo(job.get("rows_stored").asLong())
                .isBetween(150L, 200L);
    }

    @Test
    void whatCannotBeImportedIsRefusedBeforeAJobExists() {
        byte[] parquet = {'P', 'A', 'R', '1', 0, 0, 0};
        assertRefused("/api/v1/import/csv?measurement=m", parquet, 400, "no CSV: it is a binary file");
        assertRefused("/api/v1/import/lp", new byte[] {'m', 0}, 400, "no line protocol: byte 2 is 0");
        assertRefused("/api/v1/import/lp", new byte[0], 400, "it is empty");
        assertRefused("/api/v1/import/csv?measurement=m", utf8("a,b\n1,2\n"), 400, "no column \"time\"");
        assertRefused("/api/v1/import/csv", utf8("time,v\n"), 400, "measurement");
        assertRefused("/api/v1/import/lp?measurement=m", utf8("m v=1\n"), 400, "names its measurements");
        assertRefused("/api/v1/import/csv?measurement=m&delimiter=ab", utf8("x"), 400, "delimiter \"ab\"");
        assertRefused("/api/v1/import/csv?measurement=m&precision=eon", utf8("x"), 400, "precision \"eon\"");
        assertRefused("/api/v1/import/csv?measurement=m&accept_partial=x", utf8("x"), 400, "accept_partial \"x\"");
        JsonNode list = json(ingest.client().get().uri("/api/v1/import").exchange());
        assertThat(list.get("imports").size()).isZero();
        ingest.client()
                .get()
                .uri("/api/v1/import/nothing")
                .exchange()
                .expectStatus()
                .isNotFound();
        ingest.client()
                .delete()
                .uri("/api/v1/import/nothing")
                .exchange()
                .expectStatus()
                .isNotFound();
    }

    private void assertRefused(String uri, byte[] body, int status, String detail) {
        WebTestClient.ResponseSpec answer = post(uri, body);
        answer.expectStatus().isEqualTo(status);
        assertThat(json(answer).get("detail").asString()).contains(detail);
    }

    @Test
    void theSizeOfAFileAndOfTheQueueAndTheDiskAreLimited() { // REQUIREMENTS P1, LESSONS 47
        stop();
        start(Map.of("weir.import.max-file", "1KB"));
        assertRefused("/api/v1/import/lp?db=d", new byte[2000], 413, "weir.import.max-file");
        stop();
        start(Map.of("weir.import.min-free-disk", "1000000GB"));
        assertRefused("/api/v1/import/lp?db=d", utf8("m v=1\n"), 507, "weir.import.min-free-disk");
    }

    @Test
    void anImportWaitsForLiveWritesAndCanBeCancelledMeanwhile() {
        stop();
        start(Map.of("weir.import.queue", "1"));
        long half = ingest.service().budget().limitBytes() * 6 / 10;
        ingest.service().budget().charge(half);
        String uri = "/api/v1/import/csv?db=d&measurement=m&time_column=when&tags=host";
        String first = json(post(uri, utf8(csv(50)))).get("id").asString();
        String second = json(post(uri, utf8(csv(50)))).get("id").asString();
        assertRefused(uri, utf8(csv(50)), 503, "weir.import.queue");
        assertThat(job(first).get("status").asString()).isEqualTo("running");
        assertThat(job(second).get("status").asString()).isEqualTo("queued");
        ingest.client()
                .delete()
                .uri("/api/v1/import/" + second)
                .exchange()
                .expectStatus()
                .isOk();
        assertThat(await(second).get("status").asString()).isEqualTo("cancelled");
        assertThat(ingest.rows("d", "m")).isZero();
        ingest.service().budget().credit(half);
        assertThat(await(first).get("status").asString()).isEqualTo("succeeded");
        assertThat(ingest.rows("d", "m")).isEqualTo(50);
        assertThat(json(ingest.client().get().uri("/api/v1/import").exchange())
                        .get("imports")
                        .size())
                .isEqualTo(2);
    }

    @Test
    void aRunningImportCanBeCancelled() {
        long half = ingest.service().budget().limitBytes() * 6 / 10;
        ingest.service().budget().charge(half);
        String id = json(post("/api/v1/import/csv?db=d&measurement=m&time_column=when&tags=host", utf8(csv(50))))
                .get("id")
                .asString();
        ingest.client()
                .delete()
                .uri("/api/v1/import/" + id)
                .exchange()
                .expectStatus()
                .isOk();
        assertThat(await(id).get("status").asString()).isEqualTo("cancelled");
        assertThat(ingest.rows("d", "m")).isZero();
        ingest.service().budget().credit(half);
    }

    @Test
    void anInterruptedImportGoesOnAtTheNextStartAndStoresEachRowOnce() { // LESSONS 8, 62
        long half = ingest.service().budget().limitBytes() * 6 / 10;
        String uri = "/api/v1/import/csv?db=d&measurement=m&time_column=when&tags=host";
        ingest.service().budget().charge(half);
        List<String> ids = Stream.of(400, 300)
                .map(rows -> json(post(uri, utf8(csv(rows)))).get("id").asString())
                .toList();
        ingest.service().budget().credit(half);
        while (ingest.rows("d", "m") == 0) {
            LockSupport.parkNanos(100_000);
        }
        stop();
        start();
        for (String id : ids) {
            assertThat(await(id).get("status").asString()).isEqualTo("succeeded");
        }
        assertThat(job(ids.get(0)).get("rows_stored").asLong()).isEqualTo(400);
        assertThat(ingest.rows("d", "m")).isEqualTo(700);
    }

    @Test
    void methodsTheRoutesDoNotTakeAre405() {
        for (String path : List.of("/csv", "/lp", "/parquet")) {
            assertThat(json(ingest.client()
                                    .get()
                                    .uri("/api/v1/import" + path)
                                    .exchange()
                                    .expectStatus()
                                    .isEqualTo(405))
                            .get("detail")
                            .asString())
                    .isEqualTo("/api/v1/import" + path + " does not take GET (expected: POST)");
        }
        ingest.client().put().uri("/api/v1/import/x").exchange().expectStatus().isEqualTo(405);
        ingest.client().delete().uri("/api/v1/import").exchange().expectStatus().isEqualTo(405);
    }
}
