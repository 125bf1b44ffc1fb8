package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.S3Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code weir backup} of a server that is written to, and {@code weir restore}. Issue 6, item 6. */
class BackupIT {

    @TempDir
    Path directory;

    private static String run(int exitCode, String... arguments) {
        try (WeirProcess command = WeirProcess.run(0, List.of(arguments))) {
            int ended = command.awaitExit();
            assertThat(ended).as(command.output()).isEqualTo(exitCode);
            return command.output();
        }
    }

    private Path data(String name) {
        return directory.resolve(name);
    }

    private static String[] with(List<String> settings, String... arguments) {
        Stream<String> options = settings.stream().flatMap(setting -> Stream.of("--set", setting));
        return Stream.concat(Arrays.stream(arguments), options).toArray(String[]::new);
    }

    /** Rows that a server over that restored directory counts. */
    private static long restoredRows(Path data, String... settings) {
        try (WeirProcess server = WeirProcess.serve(data, settings)) {
            long rows = StoredRows.count(server);
            assertThat(server.get("/health").body())
                    .as("every loop is supervised")
                    .contains("\"readers\"", "\"compaction\"", "\"forgetting\"", "\"cursors\"", "\"token-cache\"");
            server.stop();
            return rows;
        }
    }

    @Test
    void everythingAcknowledgedBeforeIsInTheBackupOfAServerThatIsWrittenTo() {
        String place = data("place").toString();
        AtomicInteger rounds = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        try (WeirProcess server = WeirProcess.serve(data("a"), "weir.ingest.flush-age=200ms")) {
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                while (!over.get()) {
                    StoredRows.write(server, rounds.get());
                    rounds.incrementAndGet();
                }
            });
            Awaitility.await().atMost(StoredRows.PATIENCE).until(() -> rounds.get() > 3);
            long before = rounds.get();
            String told = run(0, "backup", "--to", place, "--url", server.url());
            long after = rounds.get() + 1L;
            assertThat(told).contains("Backup 2", " at file://" + place, "1 measurement of 1 database in ");
            assertThat(after).as("it was written to meanwhile").isGreaterThan(before + 1);
            over.set(true);
            writer.join();
            server.kill();
            assertThat(run(0, "restore", "--from", place, "--data", data("b").toString()))
                    .contains(" made.", "0 rows there before");
            assertThat(restoredRows(data("b")))
                    .isBetween(before * StoredRows.ROWS, after * StoredRows.ROWS)
                    .satisfies(rows -> assertThat(rows % StoredRows.ROWS).isZero());
        }
        // What the killed server had only in its log is in the backup of its directory too; it merges with what is
        // there.
        run(0, "backup", "--to", place, "--offline", data("a").toString());
        assertThat(run(
                                0,
                                "restore",
                                "--from",
                                place,
                                "--list",
                                "--data",
                                data("b").toString())
                        .lines()
                        .filter(line -> line.startsWith("2")))
                .hasSize(2);
        run(0, "restore", "--from", place, "--data", data("c").toString());
        assertThat(restoredRows(data("c"))).isEqualTo((long) rounds.get() * StoredRows.ROWS);
        run(0, "restore", "--from", place, "--data", data("b").toString(), "--replace");
        assertThat(restoredRows(data("b"))).isEqualTo((long) rounds.get() * StoredRows.ROWS);
    }

    @Test
    void aRestorationThatIsKilledShowsNothingAndGoesOn() { // LESSONS 13, 19
        String place = data("place").toString();
        int rounds = 40;
        try (WeirProcess server = WeirProcess.serve(data("a"))) {
            for (int round = 0; round < rounds; round++) {
                StoredRows.write(server, round);
            }
            run(0, "backup", "--to", place, "--url", server.url());
            server.stop();
        }
        Path into = data("b");
        for (int kill = 0; kill < 3; kill++) {
            try (WeirProcess restore =
                    WeirProcess.run(0, List.of("restore", "--from", place, "--data", into.toString()))) {
                long files = 10L + ThreadLocalRandom.current().nextInt(60);
                Awaitility.await()
                        .atMost(StoredRows.PATIENCE)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> files(into) >= files || restore.output().contains("there before"));
                restore.kill();
            }
            String check = run(0, "storage", "check", "--data", into.toString());
            assertThat(check)
                    .satisfiesAnyOf(
                            text -> assertThat(text).contains("Checked 0 files"),
                            text -> assertThat(text).contains("Checked " + rounds * StoredRows.HOURS + " files"));
        }
        run(0, "restore", "--from", place, "--data", into.toString());
        assertThat(run(0, "restore", "--from", place, "--data", into.toString()))
                .contains(" 0 rows of them restored and " + String.format("%,d", rounds * StoredRows.ROWS));
        assertThat(restoredRows(into)).isEqualTo((long) rounds * StoredRows.ROWS);
    }

    private static long files(Path data) {
        Path objects = data.resolve("objects");
        if (!Files.isDirectory(objects)) {
            return 0;
        }
        try (Stream<Path> all = Files.walk(objects)) {
            return all.filter(path -> path.toString().endsWith(".parquet")).count();
        } catch (IOException | UncheckedIOException moved) {
            return 0;
        }
    }

    @Test
    void aBucketTakesBackupsOfAServerWhoseFilesAreInAnother() {
        S3Peer peer = S3Peer.s3Proxy();
        String prefix = "backup/" + UUID.randomUUID();
        List<String> settings = new ArrayList<>(StoredRows.s3(peer.endpoint(), peer.bucket(), prefix + "/live"));
        String place = "s3://" + peer.bucket() + "/" + prefix + "/copies";
        try (WeirProcess server = WeirProcess.serve(data("a"), settings.toArray(String[]::new))) {
            StoredRows.write(server, 0);
            assertThat(server.post("/api/v1/backup", "{\"to\":\"ftp://x\"}", "Content-Type", "application/json")
                            .body())
                    .contains("is no place for a backup");
            assertThat(run(0, "backup", "--to", place, "--url", server.url(), "--quiet"))
                    .startsWith("2");
            StoredRows.write(server, 1);
            run(0, "backup", "--to", place, "--url", server.url());
            assertThat(server.get("/api/v1/backup").body())
                    .contains("\"files_total\":6", "\"files_copied\":3", "\"status\":\"succeeded\"");
            assertThat(run(1, "backup", "--to", "s3://no-such-bucket/x", "--url", server.url()))
                    .contains("The backup failed: ");
            server.stop();
        }
        List<String> local = settings.stream()
                .filter(setting -> setting.startsWith("weir.storage.s3."))
                .toList();
        run(0, with(local, "restore", "--from", place, "--data", data("b").toString()));
        assertThat(restoredRows(data("b"), "weir.storage.type=local")).isEqualTo(2L * StoredRows.ROWS);
    }
}
