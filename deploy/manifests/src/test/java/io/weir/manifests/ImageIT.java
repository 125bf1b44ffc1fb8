package io.weir.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Peers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * The image at work, by its own commands: not root, over a read-only root, in 512 MB, with classes from the archive that its
 * build made, and stopped by SIGTERM. REQUIREMENTS O6, O7; LESSONS 42.
 */
class ImageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final long LIMIT = 512L << 20;
    private static final int ROWS = 5_000;
    private static final int REQUESTS = 60;
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void theImageServesWithinItsLimitsAndStopsInOrder() throws IOException, InterruptedException {
        ImageRoot image = ImageRoot.build();
        int port = Peers.freePort();
        Process server = null;
        try (MemoryGroup memory = MemoryGroup.limitedTo(LIMIT)) {
            try {
                server = image.run(
                        "serve",
                        memory.join(),
                        Map.of("WEIR_JAVA_OPTS", "-Xlog:class+load:file=/tmp/classes.log"),
                        List.of("--port", "" + port, "--set", "weir.rate-limit.enabled=false"));
                awaitReady(server, image, port);
                assertThat(Files.readString(Path.of("/proc/" + server.pid() + "/status")))
                        .contains("Uid:\t10001\t10001")
                        .contains("Gid:\t10001\t10001");
                String token = Files.readString(image.data("operator-token")).strip();

                writeAndCount(port, token);

                assertThat(heap(port, token)).isBetween(LIMIT * 40 / 100, LIMIT * 46 / 100);
                assertThat(fromArchive(image)).isGreaterThan(1_000);
                System.out.printf("image: at most %d MB of 512 MB%n", memory.peak() >> 20);
                assertThat(server.isAlive()).isTrue();

                server.destroy();
                assertThat(server.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                assertThat(server.exitValue()).isIn(0, 143);
                assertThat(Deploy.text(image.output("serve")))
                        .contains("Weir has stopped")
                        .doesNotContain("ERROR", "not everything could");
                assertThat(healthy(port)).isFalse();
            } finally {
                if (server != null) {
                    server.destroyForcibly().waitFor();
                }
            }
        }
    }

    private static void awaitReady(Process server, ImageRoot image, int port) {
        Awaitility.await().atMost(PATIENCE).until(() -> !server.isAlive() || healthy(port));
        assertThat(server.isAlive())
                .as(() -> Deploy.text(image.output("serve")))
                .isTrue();
    }

    /** By the image's own health check. */
    private static boolean healthy(int port) throws IOException, InterruptedException {
        ProcessBuilder check = new ProcessBuilder(
                        Deploy.file("images/healthcheck").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        check.environment().put("WEIR_HEALTH_PORT", "" + port);
        return check.start().waitFor() == 0;
    }

    private static void writeAndCount(int port, String token) throws IOException, InterruptedException {
        int refused = 0;
        for (int request = 0; request < REQUESTS; request++) {
            StringBuilder lines = new StringBuilder();
            for (int row = 0; row < ROWS; row++) {
                lines.append("m,host=h")
                        .append(row % 100)
                        .append(" v=")
                        .append(row)
                        .append("i,w=0.5 ");
                lines.append(1_700_000_000L + request * ROWS + row).append('\n');
            }
            int status = post(port, token, "/write?db=iot&precision=s", lines.toString())
                    .statusCode();
            if (status == 503) { // it has little memory, and says so
                request--;
                assertThat(++refused).isLessThan(1_000);
            } else {
                assertThat(status).isEqualTo(204);
            }
        }
        assertThat(post(
                                port,
                                token,
                                "/api/v1/query",
                                "{\"db\":\"iot\",\"sql\":\"SELECT count(*), count(DISTINCT host) FROM m\"}")
                        .body())
                .contains("[[" + ROWS * REQUESTS + ",100]]");
    }

    private static HttpResponse<String> post(int port, String token, String path, String body)
            throws IOException, InterruptedException {
        return HTTP.send(
                request(port, token, path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(int port, String token, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token);
    }

    /** What the parts of the heap may have together. */
    private static long heap(int port, String token) throws IOException, InterruptedException {
        String metrics = HTTP.send(request(port, token, "/metrics").build(), HttpResponse.BodyHandlers.ofString())
                .body();
        return metrics.lines()
                .filter(line -> line.startsWith("jvm_memory_max_bytes{area=\"heap\""))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .filter(bytes -> bytes > 0)
                .sum();
    }

    private static long fromArchive(ImageRoot image) throws IOException {
        try (Stream<String> classes = Files.lines(image.temporary("classes.log"))) {
            return classes.filter(line -> line.contains(" io.weir.") && line.endsWith("shared objects file (top)"))
                    .count();
        }
    }
}
