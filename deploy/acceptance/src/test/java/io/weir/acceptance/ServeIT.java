package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the process behaves: starting, refusing to start, stopping. */
class ServeIT {

    @TempDir
    Path directory;

    @Test
    void theBannerSaysWhatRunsAndSigtermStopsCleanlyWithNothingLost() { // LESSONS 3
        Path data = directory.resolve("data");
        try (WeirProcess server = WeirProcess.serve(data)) {
            assertThat(server.output())
                    .contains("is ready", "http://127.0.0.1:" + server.port(), data.toString(), "fsync", "memory");
            assertThat(server.post("/write?db=iot&precision=s", "m v=1 1700000000")
                            .statusCode())
                    .isEqualTo(204);
            assertThat(server.stop()).isIn(0, 143);
            assertThat(server.output()).contains("Weir has stopped").doesNotContain("WARN", "ERROR", "LEAK");
            assertThat(dataFiles(data)).hasSize(1); // flushed on the way out
        }
        try (WeirProcess server = WeirProcess.serve(data)) {
            assertThat(Sql.number(server, "iot", "SELECT count(*) FROM m")).isEqualTo(1);
        }
    }

    @Test
    void aResultBeingReadIsFinishedBeforeTheServerStops() throws IOException, InterruptedException {
        int rows = 400_000;
        try (WeirProcess server = WeirProcess.serve(directory.resolve("data"))) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(
                            server.url() + "/api/v1/query?format=ndjson&q=SELECT+range+FROM+range(" + rows + ")"))
                    .build();
            InputStream body = WeirProcess.HTTP
                    .send(request, HttpResponse.BodyHandlers.ofInputStream())
                    .body();
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
                assertThat(lines.readLine()).isEqualTo("{\"range\":0}");
                Thread stopper = new Thread(server::stop);
                stopper.start();
                assertThat(lines.lines().count()).isEqualTo(rows - 1);
                stopper.join();
            }
        }
    }

    @Test
    void aDataDirectoryInUseIsRefusedInASentence() {
        Path data = directory.resolve("data");
        try (WeirProcess first = WeirProcess.serve(data)) {
            refused(data, "is in use by another Weir process");
            assertThat(first.get("/ping").statusCode()).isEqualTo(204);
        }
    }

    @Test
    void aDataDirectoryThatIsAFileIsRefusedInASentence() throws IOException {
        refused(Files.createFile(directory.resolve("file")), "is a file, not a directory");
    }

    @Test
    void aDataDirectoryWithoutParentIsRefusedInASentence() {
        refused(directory.resolve("no/such/parent"), "does not exist");
    }

    @Test
    void aDataDirectoryThatCannotBeWrittenIsRefusedInASentence() {
        refused(Path.of("/proc"), "cannot be");
    }

    @Test
    void aTakenPortIsRefusedInASentence() {
        try (WeirProcess first = WeirProcess.serve(directory.resolve("one"))) {
            List<String> arguments = List.of(
                    "serve",
                    "--port",
                    "" + first.port(),
                    "--data",
                    directory.resolve("two").toString());
            try (WeirProcess second = WeirProcess.run(first.port(), arguments)) {
                assertThat(second.awaitExit()).isNotZero();
                assertThat(second.output()).contains("Port " + first.port() + " is in use");
                assertThat(second.output().lines().filter(line -> !line.isBlank()))
                        .hasSize(1);
            }
        }
    }

    @Test
    void aWrongSettingIsRefusedWithItsKey() {
        List<String> arguments = List.of(
                "serve",
                "--port",
                "0",
                "--data",
                directory.resolve("d").toString(),
                "--set",
                "weir.ingest.flush-age=0s");
        try (WeirProcess server = WeirProcess.run(0, arguments)) {
            assertThat(server.awaitExit()).isNotZero();
            assertThat(server.output()).contains("weir.ingest.flush-age is PT0S (expected: more than 0)");
        }
    }

    private static List<Path> dataFiles(Path data) {
        try (Stream<Path> files = Files.walk(data.resolve("objects"))) {
            return files.filter(file -> file.toString().endsWith(".parquet")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void refused(Path data, String reason) {
        try (WeirProcess server = WeirProcess.run(0, List.of("serve", "--port", "0", "--data", data.toString()))) {
            assertThat(server.awaitExit()).isNotZero();
            assertThat(server.output()).contains("the data directory " + data, reason);
            assertThat(server.output().lines().filter(line -> !line.isBlank())).hasSize(1);
        }
    }
}
