package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The packaged server deletes and drops, is killed meanwhile, and tells of it. REQUIREMENTS L3; LESSONS 19, 20, 30. */
class DeleteIT {

    private static final int KILLS = 3;
    private static final String[] EAGER = {
        "weir.ingest.flush-age=50ms",
        "weir.ingest.flush-min-size=0B",
        "weir.compaction.interval=100ms",
        "weir.compaction.quiet=0s",
        "weir.compaction.min-files=2",
        "weir.compaction.lease=300ms",
        "weir.delete.confirm-rows=1000000",
        "weir.delete.confirm-share=1",
        "weir.delete.rewrite.interval=50ms",
        "weir.delete.rewrite.lease=300ms",
        "weir.orphans.interval=100ms",
        "weir.orphans.grace=1h",
    };
    /** Rows stay hot, and files as they are, until they are asked to move. */
    private static final String[] QUIET = {
        "weir.ingest.flush-age=1h",
        "weir.ingest.flush-max-age=1h",
        "weir.compaction.enabled=false",
        "weir.delete.rewrite.interval=50ms",
        "weir.delete.confirm-rows=10",
    };

    @TempDir
    Path directory;

    private static void write(WeirProcess server, String database, String measurement, long from, int rows) {
        StringBuilder body = new StringBuilder();
        for (long n = from; n < from + rows; n++) {
            body.append(measurement)
                    .append(",host=h")
                    .append(n % 4)
                    .append(" n=")
                    .append(n)
                    .append("i ");
            body.append(1_700_000_000L + n * 60).append('\n');
        }
        HttpResponse<String> answer = server.post("/write?precision=s&db=" + database, body.toString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
    }

    private static HttpResponse<String> delete(WeirProcess server, Map<String, Object> members) {
        return server.post("/api/v1/delete", Sql.JSON.writeValueAsString(members), "Content-Type", "application/json");
    }

    private static JsonNode deleted(WeirProcess server, String where) {
        Map<String, Object> wish =
                Map.of("database", "iot", "measurement", "cpu", "where", where, "confirm", 1_000_000);
        HttpResponse<String> answer = Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> delete(server, wish),
                        one -> one.statusCode() != 503); // a replica that is slow is asked again
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Sql.JSON.readTree(answer.body());
    }

    private static long count(WeirProcess server, String sql) {
        return Sql.number(server, "iot", "SELECT count(*) FROM " + sql);
    }

    private static JsonNode awaitDone(WeirProcess server, String id) {
        AtomicReference<JsonNode> last = new AtomicReference<>();
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            last.set(Sql.JSON.readTree(server.get("/api/v1/delete/" + id).body()));
            return last.get().path("state").asString().equals("done");
        });
        return last.get();
    }

    @Test
    void aDeleteSaysWhatItWouldDoAsksAndDoesIt() {
        try (WeirProcess server = WeirProcess.serve(directory, QUIET)) {
            write(server, "iot", "cpu", 0, 60);
            assertThat(server.post("/api/v1/flush", "").statusCode()).isEqualTo(204);
            write(server, "iot", "cpu", 60, 40); // hot
            assertThat(count(server, "cpu WHERE n % 4 = 1")).isEqualTo(25);

            Map<String, Object> wish = Map.of("database", "iot", "measurement", "cpu", "where", "host = 'h1'");
            HttpResponse<String> dry = delete(
                    server, Map.of("database", "iot", "measurement", "cpu", "where", "host = 'h1'", "dry_run", true));
            assertThat(dry.body())
                    .contains("\"dry_run\":true", "\"rows\":25", "\"total_rows\":100", "\"files\":")
                    .doesNotContain("\"id\"");
            assertThat(count(server, "cpu")).isEqualTo(100);

            HttpResponse<String> asked = delete(server, wish);
            assertThat(asked.statusCode()).as(asked.body()).isEqualTo(409);
            assertThat(asked.body()).contains("confirmation-needed", "\"rows\":25", "\"confirm\":25");
            HttpResponse<String> less = delete(
                    server, Map.of("database", "iot", "measurement", "cpu", "where", "host = 'h1'", "confirm", 24));
            assertThat(less.statusCode()).isEqualTo(409);
            assertThat(count(server, "cpu")).isEqualTo(100);

            JsonNode done = deleted(server, "host = 'h1'");
            assertThat(done.path("rows").asLong()).isEqualTo(25);
            assertThat(count(server, "cpu")).isEqualTo(75);
            write(server, "iot", "cpu", 101, 1); // of the condition, and later
            assertThat(count(server, "cpu WHERE host = 'h1'")).isOne();
            JsonNode over = awaitDone(server, done.path("id").asString());
            assertThat(over.path("rows_removed").asLong()).isEqualTo(25);
            assertThat(over.path("outcomes").get(0).path("outcome").asString()).isEqualTo("rewritten");
            assertThat(count(server, "cpu")).isEqualTo(76);
            assertThat(server.get("/api/v1/delete").body())
                    .contains(done.path("id").asString());
            assertThat(server.get("/api/v1/delete/nothing").statusCode()).isEqualTo(404);
            assertThat(server.get("/api/v1/auth/audit").body()).contains("rows.deleted", "host");
            assertThat(server.get("/health").body()).contains("\"name\":\"deletes\",\"ok\":true");
            assertThat(Metrics.of(server).get("weir_deletes_rows_total")).isEqualTo(25);

            for (String wrong : new String[] {
                "host IN (SELECT host FROM cpu)", "nothing = 1", "count(*) > 1", "CAST(host AS INTEGER) = 1", "true; x"
            }) {
                HttpResponse<String> refused =
                        delete(server, Map.of("database", "iot", "measurement", "cpu", "where", wrong));
                assertThat(refused.statusCode())
                        .as(wrong + ": " + refused.body())
                        .isEqualTo(400);
            }
            assertThat(delete(server, Map.of("database", "iot", "measurement", "gone", "where", "true"))
                            .statusCode())
                    .isEqualTo(404);
            assertThat(count(server, "cpu")).isEqualTo(76);
            assertThat(server.stop()).isIn(0, 143);
            assertThat(server.output()).doesNotContain("ERROR", "LEAK");
        }
    }

    @Test
    void countsStayTrueWhileItRewritesAndIsKilled() throws Exception {
        long seed = Long.getLong("weir.delete.seed", System.nanoTime());
        System.out.println("DeleteIT seed " + seed);
        Random random = new Random(seed);
        TreeSet<Long> model = new TreeSet<>();
        long next = 0;
        for (int kill = 0; kill <= KILLS; kill++) {
            try (WeirProcess server = WeirProcess.serve(directory, EAGER)) {
                AtomicBoolean stop = new AtomicBoolean();
                AtomicReference<Throwable> wrong = new AtomicReference<>();
                AtomicReference<String> gone = new AtomicReference<>("n < 0");
                Thread reader = new Thread(() -> {
                    try {
                        while (!stop.get()) {
                            String where = gone.get();
                            assertThat(count(server, "cpu WHERE " + where))
                                    .as(where)
                                    .isZero();
                            assertThat(Sql.number(server, "iot", "SELECT count(*) - count(DISTINCT n) FROM cpu"))
                                    .isZero();
                        }
                    } catch (Throwable e) {
                        wrong.set(e);
                    }
                });
                if (kill > 0) {
                    assertThat(count(server, "cpu")).as("seed %d", seed).isEqualTo(model.size());
                }
                for (int step = 0; step < 12; step++) {
                    int rows = 180;
                    write(server, "iot", "cpu", next, rows);
                    for (int i = 0; i < rows; i++) {
                        model.add(next + i);
                    }
                    next += rows;
                    if (step == 0) {
                        reader.start();
                    }
                    int k = 2 + random.nextInt(20);
                    int rest = random.nextInt(k);
                    long before = model.size();
                    model.removeIf(n -> n % k == rest);
                    assertThat(deleted(server, "n % " + k + " = " + rest)
                                    .path("rows")
                                    .asLong())
                            .as("seed %d", seed)
                            .isEqualTo(before - model.size());
                    gone.set("n % " + k + " = " + rest + " AND n < " + next);
                    assertThat(count(server, "cpu")).as("seed %d", seed).isEqualTo(model.size());
                }
                stop.set(true);
                reader.join();
                assertThat(wrong.get()).isNull();
                if (kill < KILLS) {
                    server.kill();
                    continue;
                }
                Awaitility.await()
                        .atMost(Duration.ofSeconds(90))
                        .until(() -> !server.get("/api/v1/delete").body().contains("\"rewriting\""));
                assertThat(count(server, "cpu")).isEqualTo(model.size());
                assertThat(Sql.number(server, "iot", "SELECT sum(n)::BIGINT FROM cpu"))
                        .as("seed %d", seed)
                        .isEqualTo(model.stream().mapToLong(n -> n).sum());
                assertThat(server.stop()).isIn(0, 143);
            }
        }
    }

    @Test
    void whatIsDroppedDoesNotComeBack() {
        try (WeirProcess server = WeirProcess.serve(directory, QUIET)) {
            write(server, "iot", "cpu", 0, 20);
            assertThat(server.post("/api/v1/flush", "").statusCode()).isEqualTo(204);
            write(server, "iot", "cpu", 20, 20); // hot
            write(server, "iot", "mem", 0, 5);
            write(server, "other", "cpu", 0, 5);
            String cpu = "/api/v1/databases/iot/measurements/cpu";
            HttpResponse<String> asked = server.delete(cpu);
            assertThat(asked.statusCode()).as(asked.body()).isEqualTo(409);
            assertThat(asked.body()).contains("\"confirm\":40");
            assertThat(server.delete(cpu.replace("cpu", "CPU") + "?confirm=40").statusCode())
                    .isEqualTo(404);
            assertThat(server.delete(cpu + "?confirm=40").statusCode()).isEqualTo(204);
            assertThat(server.get(cpu).statusCode()).isEqualTo(404);
            assertThat(server.delete(cpu).statusCode()).isEqualTo(404);
            assertThat(count(server, "mem")).isEqualTo(5);

            assertThat(server.post("/write?precision=s&db=iot", "cpu n=\"a text\" 1700000000")
                            .statusCode())
                    .as("with another type")
                    .isEqualTo(204);
            assertThat(count(server, "cpu")).isOne();
            assertThat(server.delete("/api/v1/databases/other").statusCode()).isEqualTo(204);
            assertThat(server.get("/api/v1/databases").body()).contains("iot").doesNotContain("other");
            write(server, "other", "cpu", 100, 1);
            assertThat(server.get("/api/v1/auth/audit").body()).contains("measurement.dropped", "database.dropped");
            server.kill();
        }
        try (WeirProcess server = WeirProcess.serve(directory, QUIET)) {
            assertThat(count(server, "cpu")).isOne();
            assertThat(count(server, "mem")).isEqualTo(5);
            assertThat(Sql.number(server, "other", "SELECT min(n) FROM cpu")).isEqualTo(100);
            assertThat(server.post("/api/v1/flush", "").statusCode()).isEqualTo(204);
            assertThat(count(server, "cpu")).isOne();
            assertThat(server.stop()).isIn(0, 143);
            assertThat(server.output()).doesNotContain("ERROR", "LEAK");
        }
    }

    @Test
    void hotRowsOfEveryIngestReplicaAreReached() {
        try (SplitCluster cluster = new SplitCluster(
                directory,
                "weir.delete.confirm-share=1",
                "weir.delete.rewrite.interval=50ms",
                "weir.ingest.flush-max-age=1h")) {
            for (int replica = 0; replica < SplitCluster.REPLICAS; replica++) {
                cluster.startIngest(replica);
                cluster.startQuery(replica);
            }
            write(cluster.ingest(0), "iot", "cpu", 0, 40);
            write(cluster.ingest(1), "iot", "cpu", 40, 40);
            assertThat(deleted(cluster.query(0), "n % 2 = 0").path("rows").asLong())
                    .isEqualTo(40);
            write(cluster.ingest(1), "iot", "cpu", 80, 1);
            for (int replica = 0; replica < SplitCluster.REPLICAS; replica++) {
                assertThat(count(cluster.query(replica), "cpu")).isEqualTo(41);
            }
            String cpu = "/api/v1/databases/iot/measurements/cpu";
            assertThat(cluster.query(1).delete(cpu).statusCode()).isEqualTo(204);
            for (int replica = 0; replica < SplitCluster.REPLICAS; replica++) {
                assertThat(cluster.query(replica).get(cpu).statusCode()).isEqualTo(404);
                assertThat(cluster.ingest(replica)
                                .post("/write?precision=s&db=iot", "cpu n=\"text\" " + (1_700_000_000 + replica))
                                .statusCode())
                        .isEqualTo(204);
            }
            assertThat(count(cluster.query(0), "cpu")).isEqualTo(2);

            cluster.ingest(0).kill();
            HttpResponse<String> away = delete(
                    cluster.query(0), Map.of("database", "iot", "measurement", "cpu", "where", "true", "confirm", 9));
            assertThat(away.statusCode()).as(away.body()).isEqualTo(503);
        }
    }
}
