package io.weir.ingest.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.hot.HotHold;
import io.weir.common.memory.Reservation;
import io.weir.common.model.TableId;
import io.weir.ingest.admission.Admission;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every number of {@code GET /metrics} moves when it should. LESSONS 47. */
@Timeout(120)
class MetricsTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final TableId CPU = new TableId("default", "d", "cpu");

    @TempDir
    Path directory;

    private IngestServer server;

    @BeforeEach
    void start() {
        server = new IngestServer(directory, SETTINGS);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String path) {
        try {
            return HTTP.send(
                    request.uri(URI.create("http://localhost:" + server.port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private int write(String lines) {
        return send(HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString(lines)), "/write?db=d")
                .statusCode();
    }

    private Map<String, Double> metrics() {
        HttpResponse<String> answer = send(HttpRequest.newBuilder().GET(), "/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type").orElse("")).startsWith("text/plain;version=0.0.4");
        Map<String, Double> values = new HashMap<>();
        answer.body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> values.put(
                        line.substring(0, line.lastIndexOf(' ')),
                        Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
        return values;
    }

    private double metric(String name) {
        Double value = metrics().get(name);
        assertThat(value).as("%s among %s", name, metrics().keySet()).isNotNull();
        return value;
    }

    private double used(String stage) {
        return metric("weir_ingest_memory_used_bytes{stage=\"" + stage + "\"}");
    }

    /** More of the request may arrive while the gauges are read one after the other. */
    private boolean theProcessHasWhatIsBeingDecodedAndTheSeries() {
        return used("process") == used("decode") + used("series");
    }

    private double limit(String stage) {
        return metric("weir_ingest_memory_limit_bytes{stage=\"" + stage + "\"}");
    }

    private double refused(String stage) {
        return metric("weir_ingest_refused_total{stage=\"" + stage + "\"}");
    }

    private static final String[] SETTINGS = {
        "weir.ingest.memory=16MB",
        "weir.ingest.memory-per-organisation=15MB",
        "weir.ingest.memory-per-request=6MB",
        "weir.ingest.memory-for-buffers=10MB",
        "weir.ingest.flush-age=1h",
        "weir.ingest.flush-backoff=50ms",
        "weir.wal.max-queue=3MB",
        "weir.wal.segment-size=4KB",
        "weir.wal.retry-interval=0ms",
        "weir.warm-up.duration=0s",
    };

    @Test
    void limitsAreThoseOfTheSettings() {
        assertThat(limit("process")).isEqualTo(16 << 20);
        assertThat(limit("organisation")).isEqualTo(15 << 20);
        assertThat(limit("request")).isEqualTo(6 << 20);
        assertThat(limit("buffer")).isEqualTo(10 << 20);
        assertThat(limit("log")).isEqualTo(3 << 20);
    }

    @Test
    void memoryIsSeenOnItsWayFromStageToStage() {
        try (HotHold query = new HotHold()) {
            try (RawConnection half = new RawConnection(server.port())) {
                half.post("/write?db=d", "Content-Length: 1000").send("cpu v=1");
                IngestServer.until(() -> used("decode") > 1_000);
                IngestServer.until(this::theProcessHasWhatIsBeingDecodedAndTheSeries);
                assertThat(metric("weir_ingest_organisations")).isEqualTo(1);
            }
            IngestServer.until(() -> used("decode") == 0);
            assertThat(metric("weir_ingest_organisations")).isZero();
            try (Reservation waiting = server.ingest()
                    .admission()
                    .claim("a", 5_000, server.ingest().admission().log())) {
                assertThat(used("log")).isEqualTo(waiting.bytes());
            }
            assertThat(write("cpu v=1\n")).isEqualTo(204);
            double rows = used("open");
            assertThat(rows).isPositive();
            double series = used("series");
            assertThat(series).isPositive();
            server.store().failing(true);
            server.ingest().flush().subscribe();
            IngestServer.until(() -> metric("weir_flush_failures_total") > 1);
            assertThat(used("open")).isZero();
            assertThat(used("sealed")).isEqualTo(rows);
            assertThat(metric("weir_flush_unfinished")).isEqualTo(1);
            server.ingest().snapshot(CPU, query).block();
            server.store().failing(false);
            IngestServer.until(() -> metric("weir_flush_unfinished") == 0);
            assertThat(used("sealed")).isZero();
            assertThat(used("read")).isEqualTo(rows);
            assertThat(used("process")).isEqualTo(rows + series);
            query.close();
            assertThat(used("read")).isZero();
            assertThat(used("process")).as("what stays in memory").isEqualTo(series);
        }
    }

    @Test
    void refusalsAreCountedWhereTheyHappen() {
        Admission admission = server.ingest().admission();
        try (Reservation all = admission.claim("a", 16 << 20, admission.decode())) {
            assertThat(write("cpu v=1\n")).isEqualTo(503);
            assertThat(refused("decode")).isEqualTo(1);
            assertThat(all.bytes()).isPositive();
        }
        try (Reservation log = admission.claim("a", 3 << 20, admission.log())) {
            assertThat(write("cpu v=1\n")).isEqualTo(503);
            assertThat(refused("log")).isEqualTo(1);
            assertThat(log.bytes()).isPositive();
        }
        try (Reservation buffer = admission.claim("a", 10 << 20, admission.buffer())) {
            assertThat(write("cpu v=1\n")).isEqualTo(503);
            assertThat(refused("buffer")).isEqualTo(1);
            assertThat(buffer.bytes()).isPositive();
        }
    }

    @Test
    void theLogCountsWhatItDoes() throws IOException {
        assertThat(metric("weir_wal_appends_total")).isZero();
        assertThat(write("cpu v=1\nmem v=1\n")).isEqualTo(204);
        assertThat(metric("weir_wal_appends_total")).isEqualTo(1);
        assertThat(metric("weir_wal_batches_total")).isEqualTo(2);
        assertThat(metric("weir_wal_syncs_total")).isPositive();
        assertThat(metric("weir_wal_last_sync_seconds")).isPositive();
        assertThat(metric("weir_wal_queue_appends")).isZero(); // moved by WriteAheadLogTest
        double disk = metric("weir_wal_disk_bytes");
        double segments = metric("weir_wal_segments");
        for (int i = 0; i < 100; i++) {
            assertThat(write("cpu,host=" + "h".repeat(100) + " v=1\n")).isEqualTo(204);
        }
        assertThat(metric("weir_wal_segments")).isGreaterThan(segments);
        assertThat(metric("weir_wal_disk_bytes")).isGreaterThan(disk);
        assertThat(metric("weir_wal_failures_total")).isZero();
        removeTree(directory.resolve("wal"));
        IngestServer.until(() -> write("cpu,host=" + "h".repeat(1_000) + " v=1\n") == 503);
        assertThat(metric("weir_wal_failures_total")).isPositive();
    }

    @Test
    void theProcessTellsOfItself() {
        Map<String, Double> values = metrics();
        for (String name : new String[] {
            "jvm_memory_used_bytes{area=\"heap\"",
            "jvm_threads_live",
            "process_uptime_seconds",
            "system_cpu_count",
            "netty_allocator_memory_used",
        }) {
            assertThat(values.entrySet())
                    .as("%s among %s", name, values.keySet())
                    .anyMatch(value -> value.getKey().startsWith(name) && value.getValue() > 0);
        }
        assertThat(send(HttpRequest.newBuilder().DELETE(), "/metrics").statusCode())
                .isEqualTo(405);
    }

    private static void removeTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
