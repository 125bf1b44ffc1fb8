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
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that keeps its files in S3 by configuration alone, under a prefix, with a network in between that fails. */
class S3StoreIT {

    private static final Pattern ATTEMPTS =
            Pattern.compile("^weir_store_attempts_seconds_count\\{.*operation=\"(\\w+)\"");

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

    /** A query asks the store for the files it reads, for each once, and for nothing else: no listing, no footers apart. */
    @Test
    void theCallsOfAQueryAreAHeadAndAReadForEachFileThatIsNotHereYet() { // LESSONS 50
        try (WeirProcess server = serve()) {
            write(server, 0);
            flush(server);
            server.stop();
        }
        remove(directory.resolve("data/cache"));
        try (WeirProcess server = serve()) {
            Map<String, Integer> before = attempts(server);
            String oneHour =
                    "SELECT count(*) FROM m WHERE time < '2023-11-14T22:14:00Z'"; // the others begin an hour later
            assertThat(Sql.number(server, "iot", oneHour)).isPositive();
            assertThat(attempts(server)).isEqualTo(with(before, 2));
            assertThat(Sql.number(server, "iot", oneHour)).isPositive();
            assertThat(attempts(server)).isEqualTo(with(before, 2));
            assertThat(count(server)).isEqualTo(ROWS);
            assertThat(attempts(server)).isEqualTo(with(before, 2 * HOURS));
            server.stop();
        }
    }

    private static Map<String, Integer> with(Map<String, Integer> before, int reads) {
        Map<String, Integer> after = new TreeMap<>(before);
        after.merge("read", reads, Integer::sum);
        return after;
    }

    /** Calls of each class that the store has had since the start. */
    private static Map<String, Integer> attempts(WeirProcess server) {
        Map<String, Integer> calls = new TreeMap<>();
        Metrics.of(server).forEach((name, value) -> {
            Matcher matcher = ATTEMPTS.matcher(name);
            if (matcher.find()) {
                calls.merge(matcher.group(1), value.intValue(), Integer::sum);
            }
        });
        return calls;
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
