package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Services in processes of their own: writers on both ingest replicas, counting readers on both query replicas, while one
 * ingest replica is killed and the others are restarted in turn. Nothing is lost, nothing is there twice, and no count falls
 * or exceeds what was sent. Issue 5 item 6; LESSONS 20; invariants 1, 2, 7.
 */
class SplitIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String COUNT = "{\"db\":\"iot\",\"sql\":\"SELECT count(*) FROM m\",\"format\":\"json\"}";

    @TempDir
    Path directory;

    private final AtomicLong nextId = new AtomicLong();
    private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong stored = new AtomicLong();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger[] counted = {new AtomicInteger(), new AtomicInteger()};

    @Test
    void replicasComeAndGoAndEveryRowIsSeenOnce() throws InterruptedException, ExecutionException, TimeoutException {
        long seed = Long.getLong("weir.split.seed", System.nanoTime());
        System.out.println("split seed " + seed + " (repeat it with -Dweir.split.seed)");
        Random random = new Random(seed);
        ExecutorService threads = Executors.newCachedThreadPool();
        try (SplitCluster cluster = new SplitCluster(directory)) {
            startTogether(threads, cluster);
            List<Future<?>> work = new ArrayList<>();
            for (int replica = 0; replica < SplitCluster.REPLICAS; replica++) {
                int own = replica;
                Random chance = new Random(random.nextLong());
                work.add(threads.submit(() -> write(cluster, own, chance)));
                work.add(threads.submit(() -> count(cluster, own)));
            }
            awaitProgress();

            cluster.ingest(0).kill();
            HttpResponse<String> away = query(cluster.query(1), COUNT, "");
            assertThat(away.statusCode()).as(away.body()).isEqualTo(503);
            assertThat(away.body()).contains("hot-rows-unavailable", cluster.internalAddress(0));
            assertThat(away.headers().firstValue("Retry-After")).isPresent();
            for (String committed : List.of("?freshness=committed", "")) {
                String body = committed.isEmpty() ? COUNT.replace("}", ",\"freshness\":\"committed\"}") : COUNT;
                assertThat(query(cluster.query(1), body, committed).statusCode())
                        .isEqualTo(200);
            }
            cluster.startIngest(0);
            awaitProgress();

            for (int replica = 0; replica < SplitCluster.REPLICAS; replica++) {
                assertThat(cluster.query(replica).stop()).isIn(0, 143);
                cluster.startQuery(replica);
            }
            awaitProgress();

            assertThat(cluster.ingest(1).stop()).isIn(0, 143);
            assertThat(cluster.ingest(1).output()).contains("Weir has stopped").doesNotContain("not everything could");
            cluster.startIngest(1);
            awaitProgress();

            over.set(true);
            for (Future<?> one : work) {
                one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            verify(cluster);
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }

    private static void startTogether(ExecutorService threads, SplitCluster cluster)
            throws InterruptedException, ExecutionException, TimeoutException {
        List<Future<?>> starts = new ArrayList<>();
        for (int replica = 0; replica < SplitCluster.REPLICAS; replica++) {
            int own = replica;
            starts.add(threads.submit(() -> cluster.startIngest(own)));
            starts.add(threads.submit(() -> cluster.startQuery(own)));
        }
        for (Future<?> start : starts) {
            start.get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Waits until both readers have counted some more while more rows came. */
    private void awaitProgress() {
        int[] before = {counted[0].get(), counted[1].get()};
        long rows = stored.get();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> counted[0].get() > before[0] + 5
                        && counted[1].get() > before[1] + 5
                        && stored.get() > rows + 500);
    }

    /** Writes bodies of unique rows over three hours, never sending one twice, and waits while its replica is away. */
    private void write(SplitCluster cluster, int replica, Random random) {
        while (!over.get()) {
            List<Long> ids = new ArrayList<>();
            StringBuilder body = new StringBuilder();
            int rows = 1 + random.nextInt(50);
            for (int i = 0; i < rows; i++) {
                long id = nextId.incrementAndGet();
                ids.add(id);
                body.append("m,host=h")
                        .append(random.nextInt(5))
                        .append(" id=")
                        .append(id)
                        .append("i,v=");
                body.append(id / 3.0).append(' ').append(1_700_000_000L + random.nextInt(3 * 3_600));
                body.append('\n');
            }
            sent.addAndGet(rows);
            try {
                HttpResponse<String> answer =
                        cluster.ingest(replica).post("/write?db=iot&precision=s", body.toString());
                if (answer.statusCode() == 204) {
                    acknowledged.addAll(ids);
                    stored.addAndGet(rows);
                } else {
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
                }
            } catch (UncheckedIOException cut) {
                // By a kill or a restart: whether the body was stored is unknown, and either is right.
                pause(50);
            }
            pause(random.nextInt(30));
        }
    }

    private void count(SplitCluster cluster, int replica) {
        long last = 0;
        while (!over.get()) {
            long least = Math.max(last, stored.get());
            try {
                HttpResponse<String> answer = query(cluster.query(replica), COUNT, "");
                if (answer.statusCode() == 200) {
                    long rows = Sql.JSON.readTree(answer.body()).at("/data/0/0").asLong();
                    assertThat(rows).as("query replica %d", replica).isBetween(least, sent.get());
                    last = rows;
                    counted[replica].incrementAndGet();
                } else if (answer.statusCode() != 404) { // nobody has written yet
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
                }
            } catch (UncheckedIOException restarting) {
                pause(50);
            }
            pause(10);
        }
    }

    private static void pause(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private static HttpResponse<String> query(WeirProcess server, String body, String parameters) {
        return server.post("/api/v1/query" + parameters, body, "Content-Type", "application/json");
    }

    private void verify(SplitCluster cluster) {
        for (int replica = 0; replica < SplitCluster.REPLICAS; replica++) {
            WeirProcess server = cluster.query(replica);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> query(server, COUNT, "").statusCode() == 200);
            Set<Long> there = new HashSet<>();
            for (JsonNode row : Sql.rows(server, "iot", "SELECT id, count(*) FROM m GROUP BY id")) {
                assertThat(row.get(1).asLong())
                        .as("copies of row %s", row.get(0))
                        .isEqualTo(1);
                there.add(row.get(0).asLong());
            }
            assertThat(there).containsAll(acknowledged);
        }
        assertThat(acknowledged).hasSizeGreaterThan(2_000);
        for (int replica = 0; replica < SplitCluster.REPLICAS; replica++) {
            StoredRows.flush(cluster.ingest(replica));
        }
        String committed =
                query(cluster.query(0), COUNT, "?freshness=committed").body();
        String visible = query(cluster.query(1), COUNT, "").body();
        assertThat(Sql.JSON.readTree(committed).get("data"))
                .isEqualTo(Sql.JSON.readTree(visible).get("data"));
        assertThat(query(cluster.query(0), COUNT, "?freshness=never").statusCode())
                .isEqualTo(400);
        health(cluster);
        for (String kept : List.of("wal", "objects", "catalog.db", "imports")) {
            assertThat(Files.exists(directory.resolve("query0").resolve(kept)))
                    .as(kept)
                    .isFalse();
        }
        assertThat(Files.exists(directory.resolve("ingest0/catalog.db"))).isFalse();
    }

    private static void health(SplitCluster cluster) {
        assertThat(cluster.ingest(0).get("/health").body()).contains("\"role\":\"ingest\"");
        assertThat(cluster.query(0).get("/health").body())
                .contains("\"role\":\"query\"", "\"ingestReplicas\"", cluster.internalAddress(1));
        assertThat(cluster.ingest(0).get("/metrics").body())
                .contains("weir_internal_requests_total", "weir_wal_segments")
                .doesNotContain("weir_query_running");
        assertThat(cluster.query(0).get("/metrics").body())
                .contains("weir_query_hot_seconds_count", "weir_query_hot_memory_used_bytes")
                .doesNotContain("weir_wal_segments");
        assertThat(cluster.query(0).post("/write?db=iot", "m v=1").statusCode()).isEqualTo(404);
        assertThat(cluster.ingest(0)
                        .post("/api/v1/query", COUNT, "Content-Type", "application/json")
                        .statusCode())
                .isEqualTo(404);
    }
}
