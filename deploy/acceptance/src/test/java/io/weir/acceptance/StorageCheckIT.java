package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.S3Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code weir storage check} over the data of a server that ran, and the server's own search for orphans. */
class StorageCheckIT {

    private static final int HOURS = 3;

    @TempDir
    Path directory;

    private Path data() {
        return directory.resolve("data");
    }

    private static String check(int exitCode, Path data, String... more) {
        List<String> arguments = new ArrayList<>(List.of("storage", "check", "--data", data.toString()));
        arguments.addAll(Arrays.asList(more));
        try (WeirProcess command = WeirProcess.run(0, arguments)) {
            int ended = command.awaitExit();
            assertThat(ended).as(command.output()).isEqualTo(exitCode);
            return command.output();
        }
    }

    private static void write(WeirProcess server) {
        StringBuilder lines = new StringBuilder();
        for (int hour = 0; hour < HOURS; hour++) {
            lines.append("m v=1i ").append(1_700_000_000L + hour * 3_600L).append('\n');
        }
        assertThat(server.post("/write?db=iot&precision=s", lines.toString()).statusCode())
                .isEqualTo(204);
        assertThat(server.post("/api/v1/flush", "").statusCode()).isEqualTo(204);
    }

    private List<Path> parquet() {
        try (Stream<Path> files = Files.walk(data().resolve("objects"))) {
            return files.filter(file -> file.toString().endsWith(".parquet"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file that looks as one of a flush that never committed, and is that old. */
    private static Path orphan(Path like, Duration age) {
        try {
            Path orphan = like.resolveSibling("0123456789abcdef0123456789ab-0.parquet");
            Files.copy(like, orphan);
            Files.setLastModifiedTime(orphan, FileTime.from(Instant.now().minus(age)));
            return orphan;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatIsWrongIsToldAndRepairedOnRequest() throws IOException {
        assertThat(check(2, data())).contains("there is no catalog in ");
        try (WeirProcess server = WeirProcess.serve(data())) {
            write(server);
            assertThat(check(2, data())).contains("is in use by another Weir process");
            server.stop();
        }
        assertThat(check(0, data())).contains("Checked 3 files of the catalog", "nothing is wrong");
        List<Path> files = parquet();
        assertThat(files).hasSize(HOURS);
        orphan(files.get(0), Duration.ofDays(2));
        Files.delete(files.get(1));
        String told = check(1, data(), "--json");
        assertThat(told.lines().filter(line -> line.startsWith("{\"finding\"")))
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).contains("\"missing\"", "\"repaired\":false"))
                .anySatisfy(line -> assertThat(line).contains("\"orphan\"", "\"repaired\":false"));
        assertThat(check(1, data(), "--repair")).contains("1 missing, 1 orphan; 1 not repaired");
        assertThat(parquet()).containsExactly(files.get(0), files.get(2));
        assertThat(check(0, data(), "--repair", "--drop-missing")).contains("0 not repaired");
        assertThat(check(0, data())).contains("Checked 2 files");
        try (WeirProcess server = WeirProcess.serve(data())) {
            assertThat(Sql.number(server, "iot", "SELECT count(*) FROM m")).isEqualTo(HOURS - 1);
        }
    }

    @Test
    void aServerRemovesOrphansByItselfAndTellsOfThem() {
        try (WeirProcess server = WeirProcess.serve(data(), "weir.orphans.interval=200ms", "weir.orphans.grace=1h")) {
            write(server);
            Path old = orphan(parquet().get(0), Duration.ofHours(2));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> server.get("/metrics").body().contains("weir_orphans_removed_total 1.0"));
            assertThat(old).doesNotExist();
            assertThat(server.get("/metrics").body())
                    .contains("weir_orphans_found_total 1.0", "weir_orphans_failed_total 0.0");
            assertThat(Sql.number(server, "iot", "SELECT count(*) FROM m")).isEqualTo(HOURS);
            assertThat(server.stop()).isIn(0, 143);
            assertThat(server.output()).doesNotContain("WARN", "ERROR", "LEAK");
        }
        assertThat(parquet()).hasSize(HOURS);
    }

    @Test
    void theFilesOfABucketAreCheckedTooAndABucketThatRefusesEndsTheStart() {
        S3Peer peer = S3Peer.s3Proxy();
        String prefix = "check/" + UUID.randomUUID();
        List<String> settings = s3(peer.endpoint(), peer.bucket(), prefix);
        try (WeirProcess server = WeirProcess.serve(data(), settings.toArray(String[]::new))) {
            write(server);
            server.stop();
        }
        String[] options = settings.stream()
                .flatMap(setting -> Stream.of("--set", setting))
                .toArray(String[]::new);
        String[] withChecksums =
                Stream.concat(Arrays.stream(options), Stream.of("--checksums")).toArray(String[]::new);
        assertThat(check(0, data(), withChecksums)).contains("Checked 3 files of the catalog", "nothing is wrong");
        assertThat(check(1, data())).contains("3 missing; 3 not repaired"); // of the local store, which is empty
        assertRefused(s3(peer.endpoint(), "no-such-bucket", prefix));
    }

    private void assertRefused(List<String> settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "serve", "--port", "0", "--data", directory.resolve("refused").toString()));
        settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        try (WeirProcess server = WeirProcess.run(0, arguments)) {
            assertThat(server.awaitExit()).isEqualTo(1);
            assertThat(server.output())
                    .contains(
                            "Weir cannot start: the object store s3://no-such-bucket/",
                            "refuses",
                            "expected: a bucket");
        }
    }

    @Test
    void aStoreThatDoesNotAnswerLetsTheServerStartAndTakeRows() { // LESSONS 48
        try (WeirProcess server = WeirProcess.serve(
                data(),
                s3(URI.create("http://127.0.0.1:" + WeirProcess.freePort()), "bucket", "x")
                        .toArray(String[]::new))) {
            assertThat(server.post("/write?db=iot", "m v=1i 1").statusCode()).isEqualTo(204);
            assertThat(Sql.number(server, "iot", "SELECT count(*) FROM m")).isEqualTo(1);
            assertThat(server.get("/health").body()).contains("\"ok\":false", "\"problem\":");
        }
    }

    private static List<String> s3(URI endpoint, String bucket, String prefix) {
        List<String> settings = new ArrayList<>(StoredRows.s3(endpoint, bucket, prefix));
        settings.add("weir.storage.retry.attempts=2");
        return settings;
    }
}
