package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A server killed again and again while it imports files: each goes on at the next start, and no row is stored twice. */
class ImportCrashIT {

    private static final int KILLS = Integer.getInteger("weir.crash.import-kills", 6);
    private static final int ROWS = 200_000;
    private static final String[] SETTINGS = {
        "weir.ingest.flush-age=150ms",
        "weir.ingest.flush-size=256KB",
        "weir.wal.segment-size=256KB",
        "weir.import.chunk=2KB",
        "weir.import.concurrent=3",
        "weir.import.min-free-disk=0MB",
    };

    @TempDir
    Path data;

    @TempDir
    Path files;

    @Test
    void everyRowOfEveryFileIsStoredOnce() { // LESSONS 8, 62
        long seed = Long.getLong("weir.crash.seed", System.nanoTime());
        System.out.println("import crash seed " + seed + " (repeat it with -Dweir.crash.seed)");
        Random random = new Random(seed);
        String csv;
        String lp;
        String parquet;
        byte[] csvFile = utf8(csv());
        byte[] lpFile = utf8(lineProtocol());
        byte[] parquetFile = parquet();
        try (WeirProcess server = WeirProcess.serve(data, SETTINGS)) {
            csv = start(server, "/api/v1/import/csv?db=files&measurement=c&tags=host", csvFile);
            lp = start(server, "/api/v1/import/lp?db=files", lpFile);
            parquet = start(server, "/api/v1/import/parquet?db=files&measurement=p&tags=host", parquetFile);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(300)));
            server.kill();
        }
        Map<String, Integer> whileRunning = new HashMap<>();
        for (int kill = 1; kill < KILLS; kill++) {
            try (WeirProcess server = WeirProcess.serve(data, SETTINGS)) {
                String next = List.of(csv, lp, parquet).get(kill % 3);
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> !status(server, next).equals("queued"));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(100)));
                for (String id : List.of(csv, lp, parquet)) {
                    whileRunning.merge(id, status(server, id).equals("running") ? 1 : 0, Integer::sum);
                }
                server.kill();
            }
        }
        try (WeirProcess server = WeirProcess.serve(data, SETTINGS)) {
            for (String id : List.of(csv, lp, parquet)) {
                Awaitility.await()
                        .atMost(Duration.ofMinutes(3))
                        .pollInterval(Duration.ofMillis(100))
                        .until(() -> !job(server, id).get("finished_at").isNull());
                JsonNode job = job(server, id);
                assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("succeeded");
                assertThat(job.get("rows_stored").asLong()).isEqualTo(ROWS);
                assertThat(job.get("rows_rejected").asLong()).isEqualTo(2);
                assertThat(job.get("errors").size()).isEqualTo(2);
                assertThat(job.get("errors").get(0).get("line_number").asInt())
                        .isEqualTo(id.equals(parquet) ? 5_001 : 5_002);
            }
            verify(server, "c");
            verify(server, "l");
            verify(server, "p");
        }
        System.out.println(KILLS + " kills; while CSV was imported " + whileRunning.get(csv) + ", line protocol "
                + whileRunning.get(lp) + ", Parquet " + whileRunning.get(parquet) + " of them");
        assertThat(whileRunning.values()).allMatch(kills -> kills > 0);
    }

    private static String start(WeirProcess server, String path, byte[] body) {
        HttpResponse<String> answer = server.post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return Sql.JSON.readTree(answer.body()).get("id").asString();
    }

    private static JsonNode job(WeirProcess server, String id) {
        return Sql.JSON.readTree(server.get("/api/v1/import/" + id).body());
    }

    private static String status(WeirProcess server, String id) {
        return job(server, id).get("status").asString();
    }

    private static void verify(WeirProcess server, String measurement) {
        JsonNode row = Sql.rows(server, "files", "SELECT count(*), count(DISTINCT id), sum(id) FROM " + measurement)
                .get(0);
        assertThat(row.get(0).asLong()).as("rows of " + measurement).isEqualTo(ROWS);
        assertThat(row.get(1).asLong()).as("distinct rows of " + measurement).isEqualTo(ROWS);
        assertThat(row.get(2).asLong()).isEqualTo((ROWS - 1L) * ROWS / 2);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Rows numbered from 0, and a bad one before rows 5000 and 150000. */
    private static String csv() {
        StringBuilder file = new StringBuilder("time,host,id,note\n");
        for (int i = 0; i < ROWS; i++) {
            if (i == 5_000 || i == 150_000) {
                file.append("never,h,1,x\n");
            }
            file.append(1_700_000_000 + i % 7_200).append(",h" + i % 5 + "," + i + ",\"a, b\"\n");
        }
        return file.toString();
    }

    private static String lineProtocol() {
        StringBuilder file = new StringBuilder("# rows\n");
        for (int i = 0; i < ROWS; i++) {
            if (i == 5_000 || i == 150_000) {
                file.append("l,host=h id=\n");
            }
            file.append("l,host=h" + i % 5 + " id=" + i + "i ")
                    .append(1_700_000_000 + i % 7_200)
                    .append('\n');
        }
        return file.toString();
    }

    /** The same rows; the bad ones have no time. */
    private byte[] parquet() {
        return Parquet.bytes(
                files.resolve("p.parquet"),
                "SELECT CASE WHEN i NOT IN (5000, 150001) THEN make_timestamp((1700000000 + id % 7200) * 1000000) END AS"
                        + " time, 'h' || id % 5 AS host, id FROM (SELECT i, i - (i > 5000)::INT - (i > 150001)::INT AS id"
                        + " FROM range(" + (ROWS + 2) + ") r(i))");
    }
}
