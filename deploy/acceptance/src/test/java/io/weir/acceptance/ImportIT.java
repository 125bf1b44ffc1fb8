package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code weir import} as its users run it, against a server of its own process. REQUIREMENTS P7. */
class ImportIT {

    private static final int MANY = 400_000;

    /** Pieces so small that an import takes a while. */
    private static final String[] SLOW = {"weir.import.chunk=1KB", "weir.import.min-free-disk=0MB"};

    @TempDir
    Path directory;

    private WeirProcess serve(String... settings) {
        return WeirProcess.serve(directory.resolve("data"), settings);
    }

    private static WeirProcess start(WeirProcess server, String... arguments) {
        List<String> all = new ArrayList<>(List.of("import", "--url", server.url(), "--database", "lab"));
        all.addAll(List.of(arguments));
        return WeirProcess.run(server.port(), all);
    }

    /** Runs the command to its end and returns what it printed. */
    private static String run(int exitCode, WeirProcess server, String... arguments) {
        try (WeirProcess command = start(server, arguments)) {
            int code = command.awaitExit();
            assertThat(code).as(command.output()).isEqualTo(exitCode);
            return command.output();
        }
    }

    private Path manyRows() throws IOException {
        StringBuilder file = new StringBuilder("time,host,id\n");
        for (int i = 0; i < MANY; i++) {
            file.append(1_700_000_000 + i)
                    .append(",h")
                    .append(i % 5)
                    .append(',')
                    .append(i)
                    .append('\n');
        }
        return Files.writeString(directory.resolve("many.csv"), file);
    }

    private static JsonNode onlyImport(WeirProcess server) {
        return Sql.JSON
                .readTree(server.get("/api/v1/import").body())
                .get("imports")
                .get(0);
    }

    /** Waits until the only import has stored rows, and not all of them; returns its id. */
    private static String awaitUnderWay(WeirProcess server) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> {
                    JsonNode job = onlyImport(server);
                    return job != null && job.get("rows_stored").asLong() > 0;
                });
        JsonNode job = onlyImport(server);
        assertThat(job.get("status").asString()).as("under way, not done").isEqualTo("running");
        return job.get("id").asString();
    }

    private static void assertManyRowsOnce(WeirProcess server) {
        JsonNode row = Sql.rows(server, "lab", "SELECT count(*), count(DISTINCT id), sum(id) FROM many")
                .get(0);
        assertThat(row.get(0).asLong()).isEqualTo(MANY);
        assertThat(row.get(1).asLong()).isEqualTo(MANY);
        assertThat(row.get(2).asLong()).isEqualTo((MANY - 1L) * MANY / 2);
    }

    @Test
    void aParquetFileBecomesRowsThatReadBackAsTheyWere() {
        Path file = Parquet.write(
                directory.resolve("trips.parquet"),
                "SELECT make_timestamp(1700000000000000 + i * 1000000) AS at, 'h' || i % 7 AS host, i AS id,"
                        + " CASE WHEN i % 4 = 0 THEN i / 8 END AS mean, i % 2 = 0 AS even, 'n' || i AS note"
                        + " FROM range(50000) r(i)");
        String[] arguments = {
            file.toString(), "-m", "trips", "--time-column", "at", "--tags", "host", "--idempotency-key", "trips-1"
        };
        try (WeirProcess server = serve()) {
            assertThat(run(0, server, arguments)).contains("trips.parquet: 50,000 rows imported in ");
            String first = onlyImport(server).get("id").asString();
            assertThat(run(0, server, arguments)).contains("50,000 rows imported");
            assertThat(onlyImport(server).get("id").asString()).isEqualTo(first);
            JsonNode row = Sql.rows(
                            server,
                            "lab",
                            "SELECT count(*), sum(id), count(mean), sum(mean), count(*) FILTER (even), count(DISTINCT host),"
                                    + " count(DISTINCT note), epoch(max(time))::BIGINT FROM trips")
                    .get(0);
            assertThat(row.get(0).asLong()).isEqualTo(50_000);
            assertThat(row.get(1).asLong()).isEqualTo(49_999L * 50_000 / 2);
            assertThat(row.get(2).asLong()).isEqualTo(12_500);
            assertThat(row.get(3).asDouble()).isEqualTo(0.5 * 12_499 * 12_500 / 2);
            assertThat(row.get(4).asLong()).isEqualTo(25_000);
            assertThat(row.get(5).asLong()).isEqualTo(7);
            assertThat(row.get(6).asLong()).isEqualTo(50_000);
            assertThat(row.get(7).asLong()).isEqualTo(1_700_049_999L);
        }
    }

    @Test
    void rejectedRowsAreExitCodeOneAndShown() throws IOException {
        Path file = Files.writeString(directory.resolve("a.csv"), "time,v\n1700000000,1\nnever,2\n1700000001,3\n");
        try (WeirProcess server = serve()) {
            assertThat(run(1, server, file.toString(), "-m", "a"))
                    .contains(
                            "a.csv: 2 rows imported",
                            "Weir rejected 1 row of a.csv:",
                            "  line 3: time \"never\"",
                            "never,2");
            assertThat(run(1, server, file.toString(), "-m", "b", "--all-or-nothing", "--quiet"))
                    .startsWith("weir: The import of a.csv failed: time \"never\"");
        }
    }

    @Test
    void compressedStandardInputIsTakenToo() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write("m v=1i 1700000000\nm v=2i 1700000001\n".getBytes(StandardCharsets.UTF_8));
        }
        try (WeirProcess server = serve();
                WeirProcess command = start(server, "-", "--format", "lp")) {
            command.feed(bytes.toByteArray());
            assertThat(command.awaitExit()).as(command.output()).isZero();
            assertThat(command.output()).contains("standard input: 2 rows imported");
            assertThat(Sql.number(server, "lab", "SELECT sum(v) FROM m")).isEqualTo(3);
        }
    }

    @Test
    void aServerThatIsKilledMeanwhileIsWaitedFor() throws IOException { // LESSONS 8, 62
        String file = manyRows().toString();
        int port = WeirProcess.freePort();
        try (WeirProcess first = WeirProcess.serve(port, directory.resolve("data"), SLOW);
                WeirProcess command = start(first, file, "-m", "many")) {
            awaitUnderWay(first);
            first.kill();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> command.output().contains("trying again in"));
            try (WeirProcess second = WeirProcess.serve(port, directory.resolve("data"), SLOW)) {
                assertThat(command.awaitExit()).as(command.output()).isZero();
                assertThat(command.output()).contains("many.csv: 400,000 rows imported");
                assertManyRowsOnce(second);
            }
        }
    }

    @Test
    void whoeverPressesCtrlCIsToldHowToGoOnAndCan() throws IOException {
        boolean interrupted = false;
        for (int attempt = 0; attempt < 5 && !interrupted; attempt++) {
            interrupted = pressesCtrlC(directory.resolve("attempt" + attempt));
        }
        assertThat(interrupted).as("an import was under way when Ctrl-C came").isTrue();
    }

    /** False when the import was over before the signal came. */
    private boolean pressesCtrlC(Path data) throws IOException {
        try (WeirProcess server = WeirProcess.serve(data, SLOW);
                WeirProcess command = start(server, manyRows().toString(), "-m", "many")) {
            String id = awaitUnderWay(server);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> command.output().contains("its import is " + id));
            command.interrupt();
            int code = command.awaitExit();
            if (code == 0) {
                return false;
            }
            assertThat(code).isEqualTo(130);
            assertThat(command.output())
                    .contains(
                            "Interrupted. The server goes on", "weir import --follow " + id + " --url " + server.url());
            assertThat(run(0, server, "--follow", id)).contains("import " + id + ": 400,000 rows imported");
            assertManyRowsOnce(server);
            return true;
        }
    }
}
