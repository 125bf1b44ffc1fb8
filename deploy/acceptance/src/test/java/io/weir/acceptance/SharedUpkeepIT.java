package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.PostgresPeer;
import io.weir.testing.S3Peer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Two servers of one PostgreSQL and one bucket flush, compact, delete, age and roll up at the same time, against a model. Counts are
 * right on both after each step, and no two of them run the same task at once. REQUIREMENTS L1–L5; LESSONS 19, 20, 29; issue 6.
 */
class SharedUpkeepIT {

    private static final int STEPS = Integer.getInteger("weir.shared.steps", 40);
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final String[] EAGER = {
        "weir.ingest.flush-age=100ms",
        "weir.ingest.flush-min-size=0B",
        "weir.compaction.interval=50ms",
        "weir.compaction.quiet=0s",
        "weir.compaction.min-files=2",
        "weir.retention.interval=100ms",
        "weir.continuous-queries.interval=100ms",
        "weir.delete.confirm-rows=1000000",
        "weir.delete.confirm-share=1",
        "weir.delete.rewrite.interval=50ms",
        "weir.orphans.interval=100ms",
        "weir.orphans.grace=1h",
    };

    @TempDir
    Path data;

    private final TreeSet<Long> kept = new TreeSet<>();
    private long next;
    private long rolledUp;

    private static JsonNode ok(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return answer.body().isEmpty() ? Sql.JSON.nullNode() : Sql.JSON.readTree(answer.body());
    }

    /** Rows of {@code cpu}, which are deleted from; of {@code old}, which age; and of {@code now}, which are rolled up. */
    private void write(WeirProcess server, Random random) {
        StringBuilder body = new StringBuilder();
        long now = System.currentTimeMillis();
        long monthsAgo = now - Duration.ofDays(90).toMillis();
        for (int i = 1 + random.nextInt(30); i > 0; i--) {
            body.append("cpu,host=h")
                    .append(random.nextInt(3))
                    .append(" n=")
                    .append(next)
                    .append("i ");
            body.append(1_700_000_000_000L + random.nextInt(3) * 3_600_000L).append('\n');
            kept.add(next++);
        }
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            body.append("old n=1i ")
                    .append(monthsAgo + random.nextInt(10_000_000))
                    .append('\n');
            body.append("now n=1i ").append(now - random.nextInt(3_000)).append('\n');
            rolledUp++;
        }
        ok(server.post("/write?db=iot&precision=ms", body.toString()), 204);
    }

    @Test
    void everyTaskIsDoneByOneOfThemAndNoCountIsEverWrong() {
        S3Peer store = S3Peer.s3Proxy();
        PostgresPeer database = PostgresPeer.find();
        String id = UUID.randomUUID().toString();
        List<String> settings = new ArrayList<>(List.of(EAGER));
        settings.addAll(StoredRows.s3(store.endpoint(), store.bucket(), id));
        settings.addAll(StoredRows.postgres(database, database.server(), "shared_" + id.replace("-", "")));
        long seed = Long.getLong("weir.shared.seed", System.nanoTime());
        System.out.println("SharedUpkeepIT seed " + seed);
        Random random = new Random(seed);
        try (WeirProcess one = WeirProcess.serve(data.resolve("one"), settings.toArray(String[]::new));
                WeirProcess other = WeirProcess.serve(data.resolve("other"), settings.toArray(String[]::new))) {
            List<WeirProcess> servers = List.of(one, other);
            write(one, random);
            flush(servers);
            String rollup = begin(one);
            for (int step = 0; step < STEPS; step++) {
                WeirProcess server = servers.get(random.nextInt(2));
                if (random.nextInt(4) > 0) {
                    write(server, random);
                    flush(servers);
                } else {
                    delete(server, random, seed);
                }
                for (WeirProcess each : servers) {
                    assertThat(Sql.rows(each, "iot", "SELECT count(*), coalesce(sum(n), 0)::BIGINT FROM cpu")
                                    .get(0)
                                    .toString())
                            .as("seed %d, step %d", seed, step)
                            .isEqualTo("[" + kept.size() + ","
                                    + kept.stream().mapToLong(n -> n).sum() + "]");
                }
            }
            for (WeirProcess each : servers) {
                awaitEnd(each);
            }
            assertEachTaskRanAlone(one, rollup);
            for (WeirProcess each : servers) {
                assertThat(each.stop()).isIn(0, 143);
                assertThat(each.output()).doesNotContain("ERROR", "LEAK");
            }
        }
    }

    private static void flush(List<WeirProcess> servers) {
        servers.forEach(server -> ok(server.post("/api/v1/flush", ""), 204));
    }

    /** @return path of the continuous query */
    private static String begin(WeirProcess server) {
        ok(
                server.json(
                        "POST",
                        "/api/v1/retention",
                        "{\"name\":\"old\",\"database\":\"iot\",\"measurement\":\"old\",\"duration\":\"30d\",\"interval\":\"1m\"}"),
                201);
        String query = "{\"name\":\"by second\",\"database\":\"iot\",\"query\":\"SELECT count(*) AS c FROM now\","
                + "\"destination_measurement\":\"by_second\",\"interval\":\"1s\",\"lateness\":\"60s\",\"backfill_from\":\""
                + Instant.now().minusSeconds(20) + "\"}";
        return "/api/v1/continuous_queries/"
                + ok(server.json("POST", "/api/v1/continuous_queries", query), 201)
                        .get("id")
                        .asString();
    }

    private void delete(WeirProcess server, Random random, long seed) {
        int k = 2 + random.nextInt(20);
        int rest = random.nextInt(k);
        long before = kept.size();
        kept.removeIf(n -> n % k == rest);
        String wish = Sql.JSON.writeValueAsString(Map.of(
                "database", "iot", "measurement", "cpu", "where", "n % " + k + " = " + rest, "confirm", 1_000_000));
        assertThat(ok(server.json("POST", "/api/v1/delete", wish), 200)
                        .get("rows")
                        .asLong())
                .as("seed %d", seed)
                .isEqualTo(before - kept.size());
    }

    private void awaitEnd(WeirProcess server) {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(Sql.number(server, "iot", "SELECT sum(c)::BIGINT FROM by_second"))
                    .as("rows rolled up")
                    .isEqualTo(rolledUp);
            assertThat(server.get("/api/v1/compaction/status").body()).contains("\"quarantined_files\":[]");
            assertThat(server.get("/api/v1/delete").body()).doesNotContain("\"rewriting\"");
        });
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            String policy = ok(server.get("/api/v1/retention"), 200)
                    .get("policies")
                    .get(0)
                    .get("id")
                    .asString();
            HttpResponse<String> now = server.json("POST", "/api/v1/retention/" + policy + "/execute", "{}");
            assertThat(now.statusCode()).as(now.body()).isIn(200, 409); // the other one runs it
            assertThat(Sql.number(server, "iot", "SELECT count(*) FROM old")).isZero();
        });
    }

    /** By the histories, which both servers write and either tells. */
    private static void assertEachTaskRanAlone(WeirProcess server, String rollup) {
        assertNoneOverlap(
                ok(server.get("/api/v1/compaction/history?limit=1000"), 200).get("runs"), "began_at", "ended_at");
        JsonNode runs = ok(server.get(rollup + "/executions?limit=1000"), 200).get("executions");
        assertNoneOverlap(runs, "began_at", "ended_at");
        assertNoneOverlap(runs, "from", "to");
        long windows = 0;
        for (JsonNode run : runs) {
            windows += run.get("windows").asLong();
            assertThat(Duration.between(instant(run, "from"), instant(run, "to"))
                            .toSeconds())
                    .as("windows of %s", run)
                    .isEqualTo(run.get("windows").asLong());
        }
        assertThat(windows).isPositive();
    }

    private static void assertNoneOverlap(JsonNode runs, String begin, String end) {
        List<Instant[]> times = new ArrayList<>();
        runs.forEach(run -> times.add(new Instant[] {instant(run, begin), instant(run, end)}));
        assertThat(times).hasSizeGreaterThan(2);
        times.sort(Comparator.<Instant[], Instant>comparing(run -> run[0]).thenComparing(run -> run[1]));
        for (int i = 1; i < times.size(); i++) {
            assertThat(times.get(i)[0]).isAfterOrEqualTo(times.get(i - 1)[1]);
        }
    }

    private static Instant instant(JsonNode of, String member) {
        return Instant.parse(of.get(member).asString());
    }
}
