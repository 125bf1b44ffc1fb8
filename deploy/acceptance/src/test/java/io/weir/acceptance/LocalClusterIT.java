package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.PostgresPeer;
import io.weir.testing.S3Peer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/local-cluster/run} starts replicas that work together, and stops them in order. Issue 5 item 6. */
class LocalClusterIT {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    Path directory;

    @Test
    void theScriptStartsReplicasAndStopsThemOnSigterm() throws IOException, InterruptedException {
        S3Peer store = S3Peer.s3Proxy();
        PostgresPeer database = PostgresPeer.find();
        String id = UUID.randomUUID().toString().replace("-", "");
        int base = threeFreePorts();
        Path output = directory.resolve("output.log");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of("..", "local-cluster", "run")
                                .toAbsolutePath()
                                .normalize()
                                .toString(),
                        directory.resolve("cluster").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .putAll(Map.of(
                        "WEIR_CATALOG_URL",
                        database.url("local_" + id),
                        "WEIR_CATALOG_USERNAME",
                        database.user(),
                        "WEIR_CATALOG_PASSWORD",
                        database.password(),
                        "WEIR_S3_ENDPOINT",
                        store.endpoint().toString(),
                        "WEIR_S3_BUCKET",
                        store.bucket(),
                        "WEIR_S3_PREFIX",
                        "local/" + id,
                        "WEIR_S3_ACCESS_KEY",
                        S3Peer.ACCESS_KEY,
                        "WEIR_S3_SECRET_KEY",
                        S3Peer.SECRET_KEY,
                        "BASE_PORT",
                        "" + base,
                        "WEIR_SETTINGS",
                        "weir.warm-up.duration=0s"));
        builder.environment().putAll(Map.of("INGEST_REPLICAS", "1", "QUERY_REPLICAS", "1", "WEIR_HEAP", "256m"));
        Process cluster = builder.start();
        try {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> !cluster.isAlive() || Files.readString(output).contains("ready; Ctrl-C stops"));
            assertThat(cluster.isAlive()).as(Files.readString(output)).isTrue();
            assertThat(post(base, "/write?db=iot", "m v=1i").statusCode()).isEqualTo(204);
            assertThat(post(base + 1, "/api/v1/query", "{\"db\":\"iot\",\"sql\":\"SELECT v FROM m\"}")
                            .body())
                    .contains("[[1]]");
            cluster.destroy();
            assertThat(cluster.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            for (String replica : new String[] {"ingest-0", "query-0"}) {
                assertThat(Files.readString(
                                directory.resolve("cluster").resolve(replica).resolve("output.log")))
                        .contains("is ready after", "Weir has stopped")
                        .doesNotContain("ERROR", database.password());
            }
        } finally {
            cluster.descendants().forEach(ProcessHandle::destroyForcibly);
            cluster.destroyForcibly();
        }
    }

    /** The first of three ports in a row that nobody listens at. */
    private static int threeFreePorts() {
        while (true) {
            int first = WeirProcess.freePort();
            try (ServerSocket second = new ServerSocket(first + 1);
                    ServerSocket third = new ServerSocket(first + 2)) {
                return third.getLocalPort() - 2;
            } catch (IOException | IllegalArgumentException taken) {
                continue;
            }
        }
    }

    private static HttpResponse<String> post(int port, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return WeirProcess.HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
