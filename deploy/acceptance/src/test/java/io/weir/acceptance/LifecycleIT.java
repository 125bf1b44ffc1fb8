package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The packaged server ages rows and rolls them up, is killed meanwhile, alone and as one of several. REQUIREMENTS L1, L2. */
class LifecycleIT {

    private static final int KILLS = Integer.getInteger("weir.lifecycle.kills", 3);
    private static final String RETENTION = "/api/v1/retention";
    private static final String QUERIES = "/api/v1/continuous_queries";
    private static final String[] EAGER = {
        "weir.ingest.flush-age=100ms",
        "weir.ingest.flush-min-size=0B",
        "weir.compaction.interval=100ms",
        "weir.compaction.quiet=1s",
        "weir.compaction.min-files=2",
        "weir.retention.interval=100ms",
        "weir.continuous-queries.interval=100ms",
        "weir.continuous-queries.lease=300ms",
    };
    private static final String ROLLUP =
            "{\"name\":\"by second\",\"database\":\"iot\",\"query\":\"SELECT host, count(*) AS c,"
                    + " sum(n) AS s FROM cpu GROUP BY host\",\"destination_measurement\":\"cpu_1s\",\"interval\":\"1s\","
                    + "\"lateness\":\"60s\",\"backfill_from\":\"%s\"}";

    @TempDir
    Path data;

    private long rows;
    private long sum;

    private static JsonNode ok(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return answer.body().isEmpty() ? Sql.JSON.nullNode() : Sql.JSON.readTree(answer.body());
    }

    /** From before the times of the first rows, which are some seconds old. */
    private static String rollup() {
        return ROLLUP.formatted(Instant.now().minusSeconds(20));
    }

    /** Some rows of the last few seconds. */
    private void write(WeirProcess server, Random random) {
        StringBuilder body = new StringBuilder();
        for (int i = random.nextInt(20); i >= 0; i--) {
            long n = rows++;
            sum += n;
            body.append("cpu,host=h")
                    .append(random.nextInt(3))
                    .append(" n=")
                    .append(n)
                    .append("i ");
            body.append(System.currentTimeMillis() - random.nextInt(5_000)).append('\n');
        }
        ok(server.post("/write?db=iot&precision=ms", body.toString()), 204);
    }

    @Test
    void everyRowIsRolledUpOnceHoweverLateItComesAndHoweverOftenTheServerIsKilled() { // LESSONS 19
        long seed = Long.getLong("weir.lifecycle.seed", System.nanoTime());
        System.out.println("LifecycleIT seed " + seed);
        Random random = new Random(seed);
        for (int life = 0; life <= KILLS; life++) {
            try (WeirProcess server = WeirProcess.serve(data, EAGER)) {
                if (life == 0) {
                    write(server, random);
                    ok(server.json("POST", QUERIES, rollup()), 201);
                }
                double before = windows(server);
                Instant least = Instant.now().plusSeconds(2);
                while (Instant.now().isBefore(least) || windows(server) < before + 2) {
                    write(server, random);
                    everyWindowIsThereOnce(server);
                }
                if (life < KILLS) {
                    server.kill();
                } else {
                    everyRowIsThere(server);
                    JsonNode query = ok(server.get(QUERIES), 200)
                            .get("continuous_queries")
                            .get(0);
                    assertThat(query.get("failures_in_a_row").asInt()).isZero();
                    assertThat(server.get("/health").body())
                            .contains(
                                    "\"name\":\"continuous-queries\",\"ok\":true",
                                    "\"name\":\"retention\",\"ok\":true");
                    assertThat(server.stop()).isIn(0, 143);
                    assertThat(server.output()).doesNotContain("ERROR", "LEAK");
                }
            }
        }
    }

    private static double windows(WeirProcess server) {
        Double computed = Metrics.of(server).get("weir_continuous_queries_windows_total{outcome=\"computed\"}");
        return computed == null ? 0 : computed;
    }

    private static void everyWindowIsThereOnce(WeirProcess server) {
        HttpResponse<String> answer = server.post(
                "/api/v1/query",
                "{\"db\":\"iot\",\"sql\":\"SELECT count(*) - count(DISTINCT (time, host)) FROM cpu_1s\"}",
                "Content-Type",
                "application/json");
        if (answer.statusCode() != 404) { // there is no window yet
            assertThat(ok(answer, 200).get("data").get(0).get(0).asLong()).isZero();
        }
    }

    private void everyRowIsThere(WeirProcess server) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(Sql.rows(server, "iot", "SELECT sum(c)::BIGINT, sum(s)::BIGINT FROM cpu_1s")
                                        .get(0)
                                        .toString())
                                .isEqualTo("[" + rows + "," + sum + "]"));
        everyWindowIsThereOnce(server);
    }

    @Test
    void aPolicyDropsWhatItSaidItWouldAndNothingElse() {
        try (WeirProcess server = WeirProcess.serve(data, EAGER)) {
            long old = Instant.now().minus(Duration.ofDays(40)).getEpochSecond() / 3600 * 3600;
            StringBuilder lines = new StringBuilder();
            for (int hour = 0; hour < 5; hour++) {
                lines.append("cpu,host=a v=1 ").append(old + 3600 * hour).append('\n');
                lines.append("mem,host=a v=1 ").append(old + 3600 * hour).append('\n');
            }
            lines.append("cpu,host=a v=1 ")
                    .append(Instant.now().getEpochSecond())
                    .append('\n');
            ok(server.post("/write?db=iot&precision=s", lines.toString()), 204);
            ok(server.post("/api/v1/flush", ""), 204);
            String policy =
                    "{\"name\":\"a month\",\"database\":\"iot\",\"measurement\":\"cpu\",\"duration\":\"30d\",\"enabled\":false}";
            String id =
                    ok(server.json("POST", RETENTION, policy), 201).get("id").asString();
            JsonNode tried = ok(server.json("POST", RETENTION + "/" + id + "/execute", "{\"dry_run\":true}"), 200);
            assertThat(tried.get("rows").asLong()).isEqualTo(5);
            assertThat(tried.get("file_keys").size())
                    .isEqualTo(tried.get("files").asInt());
            assertThat(Sql.number(server, "iot", "SELECT count(*) FROM cpu")).isEqualTo(6);
            assertThat(server.json("POST", RETENTION, policy).statusCode()).isEqualTo(409);
            assertThat(server.json("POST", RETENTION, policy.replace("30d", "soon"))
                            .body())
                    .contains("no length of time");
            assertThat(server.json("POST", RETENTION, policy.replace("30d", "1m"))
                            .statusCode())
                    .isEqualTo(400);
            assertThat(server.json("POST", RETENTION, "{\"nam\":1}").body())
                    .contains("member \\\"nam\\\" is not known");
            assertThat(server.json("PUT", RETENTION + "/" + id, "{\"boundary\":\"cut\"}")
                            .statusCode())
                    .isEqualTo(400);

            ok(server.json("PUT", RETENTION + "/" + id, "{\"enabled\":true}"), 200);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(Sql.number(server, "iot", "SELECT count(*) FROM cpu"))
                            .isEqualTo(1));
            assertThat(Sql.number(server, "iot", "SELECT count(*) FROM mem")).isEqualTo(5);
            JsonNode runs =
                    ok(server.get(RETENTION + "/" + id + "/executions"), 200).get("executions");
            assertThat(runs).hasSize(1);
            assertThat(runs.get(0).get("rows").asLong()).isEqualTo(5);
            assertThat(server.get("/api/v1/auth/audit").body())
                    .contains("retention.created", "retention.changed", "a month");
            ok(server.json("DELETE", RETENTION + "/" + id, ""), 204);
            assertThat(server.get(RETENTION + "/" + id).statusCode()).isEqualTo(404);
        }
    }

    @Test
    void aContinuousQueryIsTriedMadeChangedPausedAndRemoved() {
        try (WeirProcess server = WeirProcess.serve(data, EAGER)) {
            ok(
                    server.post(
                            "/write?db=iot&precision=s",
                            "cpu,host=a v=1 3600\ncpu,host=b v=2 3601\ncpu,host=a v=3 7200"),
                    204);
            for (String[] wrong : new String[][] {
                {"DROP TABLE cpu", "sql-not-allowed"},
                {"SELECT * FROM read_csv('x')", "sql-not-allowed"},
                {"SELEC", "sql-syntax"},
                {"SELECT count(*) FROM rollup", "reads its own destination"},
                {"SELECT ? FROM cpu", "without parameters"},
                {"SHOW TABLES", "sql-not-allowed"},
            }) {
                HttpResponse<String> refused = server.json("POST", QUERIES, hourly(wrong[0]));
                assertThat(refused.statusCode()).as(wrong[0]).isEqualTo(400);
                assertThat(refused.body()).as(wrong[0]).contains(wrong[1]);
            }
            String id = ok(server.json("POST", QUERIES, hourly("SELECT host, sum(v) AS v FROM cpu GROUP BY host")), 201)
                    .get("id")
                    .asString();
            String one = QUERIES + "/" + id;
            JsonNode tried = ok(
                    server.json("POST", one + "/execute", "{\"dry_run\":true,\"start\":\"1970-01-01T01:30:00Z\"}"),
                    200);
            assertThat(tried.get("row_count").asInt()).isEqualTo(2);
            assertThat(tried.get("rows").toString())
                    .contains("{\"time\":\"1970-01-01T01:00:00Z\",\"host\":\"a\",\"v\":1.0}");
            assertThat(server.get("/api/v1/databases/iot/measurements").body()).doesNotContain("rollup");
            JsonNode done = ok(server.json("POST", one + "/execute", ""), 200);
            assertThat(done.get("windows").asInt()).isEqualTo(32);
            assertThat(Sql.rows(server, "iot", "SELECT host, v FROM rollup ORDER BY time, host")
                            .toString())
                    .isEqualTo("[[\"a\",1.0], [\"b\",2.0], [\"a\",3.0]]");
            ok(server.json("PUT", one, "{\"query\":\"SELECT nothing FROM cpu\",\"enabled\":true}"), 200);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() ->
                            ok(server.get(one), 200).get("failures_in_a_row").asInt() > 0);
            JsonNode failed = ok(server.get(one), 200);
            assertThat(failed.get("failure").asString()).contains("nothing");
            assertThat(ok(server.get(one + "/executions"), 200)
                            .get("executions")
                            .get(0)
                            .get("failure")
                            .asString())
                    .contains("nothing");
            assertThat(failed.get("watermark").asString()).isEqualTo("1970-01-02T08:00:00Z");
            assertThat(ok(server.json("PUT", one, "{\"enabled\":false}"), 200)
                            .get("next_run_at")
                            .isNull())
                    .isTrue();
            assertThat(server.json("PUT", one, "{\"interval\":\"2h\"}").statusCode())
                    .isEqualTo(400);
            ok(server.json("DELETE", one, ""), 204);
            assertThat(Sql.number(server, "iot", "SELECT count(*) FROM rollup")).isEqualTo(3);
        }
    }

    private static String hourly(String sql) {
        return "{\"name\":\"hourly\",\"database\":\"iot\",\"query\":\"" + sql
                + "\",\"destination_measurement\":\"rollup\",\"interval\":\"1h\",\"backfill_from\":\"1970-01-01T00:00:00Z\","
                + "\"enabled\":false}";
    }

    @Test
    void queryReplicasShareTheQueriesAndEachWindowIsComputedOnce() { // LESSONS 29
        Random random = new Random(7);
        try (SplitCluster cluster =
                new SplitCluster(data, "weir.continuous-queries.interval=100ms", "weir.continuous-queries.lease=1s")) {
            cluster.startIngest(0);
            cluster.startIngest(1);
            cluster.startQuery(0);
            cluster.startQuery(1);
            write(cluster.ingest(0), random);
            ok(cluster.query(0).json("POST", QUERIES, rollup()), 201);
            Instant end = Instant.now().plusSeconds(6);
            while (Instant.now().isBefore(end)) {
                write(cluster.ingest(random.nextInt(2)), random);
                everyWindowIsThereOnce(cluster.query(random.nextInt(2)));
            }
            cluster.query(0).kill(); // the other one goes on
            write(cluster.ingest(1), random);
            everyRowIsThere(cluster.query(1));
            assertThat(cluster.query(1).get("/health").body()).contains("\"name\":\"continuous-queries\",\"ok\":true");
            assertThat(cluster.ingest(0).get("/health").body()).contains("\"name\":\"retention\",\"ok\":true");
        }
    }
}
