package io.weir.acceptance;

import static io.weir.acceptance.StoredRows.HOURS;
import static io.weir.acceptance.StoredRows.PATIENCE;
import static io.weir.acceptance.StoredRows.ROWS;
import static io.weir.acceptance.StoredRows.count;
import static io.weir.acceptance.StoredRows.flush;
import static io.weir.acceptance.StoredRows.metric;
import static io.weir.acceptance.StoredRows.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.FaultProxy;
import io.weir.testing.S3Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that keeps its files in S3 by configuration alone, under a prefix, with a network in between that fails. */
class S3StoreIT {

    private final S3Peer peer = S3Peer.s3Proxy();
    private final FaultProxy proxy = FaultProxy.inFrontOf(peer.endpoint());
    private final String prefix = "env=test/" + UUID.randomUUID();

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        proxy.close();
    }

    private WeirProcess serve() {
        List<String> settings = new ArrayList<>(StoredRows.s3(proxy.url(), peer.bucket(), prefix));
        settings.addAll(List.of(
                "weir.storage.timeouts.attempt=1s",
                "weir.storage.timeouts.total=4s",
                "weir.storage.retry.attempts=3",
                "weir.storage.breaker.least-calls=3",
                "weir.storage.breaker.open-for=1s"));
        return WeirProcess.serve(directory.resolve("data"), settings.toArray(String[]::new));
    }

    @Test
    void writeFlushQueryRestartQuery() { // LESSONS 26, 50
        try (WeirProcess server = serve()) {
            assertThat(server.output()).contains("s3://" + peer.bucket() + "/" + prefix + "/");
            write(server, 0);
            flush(server);
            assertThat(count(server)).isEqualTo(ROWS);
            assertThat(metric(server, "weir_cache_downloads_total")).isEqualTo(HOURS);
            assertThat(Sql.number(server, "iot", "SELECT count(v) FROM m")).isEqualTo(ROWS); // no kept result
            assertThat(metric(server, "weir_cache_downloads_total")).isEqualTo(HOURS);
            assertThat(server.get("/health").body()).contains("\"objectStore\":", "\"ok\":true");
            assertThat(server.stop()).isIn(0, 143);
            assertThat(server.output()).doesNotContain("WARN", "ERROR", "LEAK");
        }
        assertThat(parquetIn("objects")).isEmpty();
        assertThat(parquetIn("cache")).hasSize(HOURS);
        try (WeirProcess server = serve()) {
            assertThat(count(server)).isEqualTo(ROWS);
            assertThat(metric(server, "weir_cache_downloads_total")).isZero(); // the cache survived
            server.stop();
        }
        remove(directory.resolve("data/cache"));
        try (WeirProcess server = serve()) {
            assertThat(count(server)).isEqualTo(ROWS);
            assertThat(Sql.number(server, "iot", "SELECT sum(v) FROM m")).isEqualTo((long) ROWS * (ROWS - 1) / 2);
            assertThat(metric(server, "weir_cache_downloads_total")).isEqualTo(HOURS);
        }
    }

    @Test
    void aNetworkThatForgetsAnswersAndHangsLosesNothingAndDoublesNothing() { // LESSONS 3, 15
        try (WeirProcess server = serve()) {
            for (int round = 0; round < 4; round++) {
                switch (round) {
                    case 0 -> proxy.commitThenFail("PUT ", 4);
                    case 1 -> proxy.reset();
                    case 2 -> proxy.stall();
                    default -> proxy.latency(Duration.ofMillis(50));
                }
                write(server, round); // acknowledged whatever the store does
                CompletableFuture<?> flushed = CompletableFuture.runAsync(() -> flush(server));
                if (round == 2) {
                    Awaitility.await()
                            .atMost(PATIENCE)
                            .until(() -> server.get("/health").body().contains("\"write\":\"open\""));
                }
                if (round != 0) {
                    proxy.heal();
                }
                flushed.join(); // it waits for the store and goes on by itself
                proxy.heal();
                assertThat(count(server)).isEqualTo((round + 1L) * ROWS);
            }
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> server.get("/health").body().contains("\"write\":\"closed\""));
            server.kill();
        }
        remove(directory.resolve("data/cache"));
        try (WeirProcess server = serve()) {
            assertThat(count(server)).isEqualTo(4L * ROWS);
        }
    }

    @Test
    void aSettingThatIsMissingIsNamed() {
        try (WeirProcess server = WeirProcess.run(
                0,
                List.of(
                        "serve",
                        "--port",
                        "0",
                        "--data",
                        directory.resolve("d").toString(),
                        "--set",
                        "weir.storage.type=minio"))) {
            assertThat(server.awaitExit()).isNotZero();
            assertThat(server.output())
                    .contains("weir.storage.s3.bucket is not set (expected: the name of an existing bucket)");
        }
    }

    private List<Path> parquetIn(String name) {
        try (Stream<Path> files = Files.walk(directory.resolve("data").resolve(name))) {
            return files.filter(file -> file.toString().endsWith(".parquet")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path tree) {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
