package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
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
        "weir.import.min-free-disk=0MB",
    };

    @TempDir
    Path data;

    @Test
    void everyRowOfEveryFileIsStoredOnce() { // LESSONS 8, 62
        long seed = Long.getLong("weir.crash.seed", System.nanoTime());
        System.out.println("import crash seed " + seed + " (repeat it with -Dweir.crash.seed)");
        Random random = new Random(seed);
        String csv;
        String lp;
        try (WeirProcess server = WeirProcess.serve(data, SETTINGS)) {
            csv = start(server, "/api/v1/import/csv?db=files&measurement=c&tags=host", csv());
            lp = start(server, "/api/v1/import/lp?db=files", lineProtocol());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(300)));
            server.kill();
        }
        int whileRunning = 0;
        for (int kill = 1; kill < KILLS; kill++) {
            try (WeirProcess server = WeirProcess.serve(data, SETTINGS)) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(400)));
                boolean running = status(server, lp).equals("running")
                        || status(server, csv).equals("running");
                whileRunning += running ? 1 : 0;
                server.kill();
            }
        }
        try (WeirProcess server = WeirProcess.serve(data, SETTINGS)) {
            for (String id : new String[] {csv, lp}) {
                Awaitility.await()
                        .atMost(Duration.ofMinutes(3))
                        .pollInterval(Duration.ofMillis(100))
                        .until(() -> !job(server, id).get("finished_at").isNull());
                JsonNode job = job(server, id);
                assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("succeeded");
                assertThat(job.get("rows_stored").asLong()).isEqualTo(ROWS);
                assertThat(job.get("rows_rejected").asLong()).isEqualTo(2);
                assertThat(job.get("errors").size()).isEqualTo(2);
                assertThat(job.get("errors").get(0).get("line_number").asInt()).isEqualTo(5_002);
            }
            verify(server, "c");
            verify(server, "l");
        }
        System.out.println(KILLS + " kills, " + (whileRunning + 1) + " of them while a file was imported");
        assertThat(whileRunning).isPositive();
    }

    private static String start(WeirProcess server, String path, String body) {
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
}
