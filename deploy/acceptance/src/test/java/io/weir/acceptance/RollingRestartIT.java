package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * {@code deploy/local-cluster/run} with stores of its own: two ingest and two query replicas over PostgreSQL, S3Proxy and Redis,
 * restarted one by one under load by clients that do as clients should: they send again what was not answered, with the same
 * idempotency key, to whichever replica is there. Every row is there once at the end, no count ever falls or exceeds what was
 * sent, and every read succeeds within some tries. REQUIREMENTS O6, T2, T3; LESSONS 20, 60, 62, 63; issue 7.
 */
class RollingRestartIT {

    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final Duration LONGEST_READ = Duration.ofSeconds(300);
    private static final int ROUNDS = Integer.getInteger("weir.rolling.rounds", 1);
    private static final String SETTINGS = "weir.warm-up.duration=0s weir.ingest.flush-age=1s"
            + " weir.ingest.flush-max-age=2s weir.ingest.flush-min-size=8KB";
    private static final String ALL =
            "{\"db\":\"iot\",\"sql\":\"SELECT count(*), count(DISTINCT id), min(id), max(id) FROM m\"}";
    private static final String COUNT = "{\"db\":\"iot\",\"sql\":\"SELECT count(*) FROM m\"}";

    @TempDir
    Path directory;

    private final AtomicLong nextId = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong stored = new AtomicLong();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger retriedReads = new AtomicInteger();
    private final AtomicInteger retriedWrites = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    void replicasAreRestartedOneByOneUnderLoadAndNothingIsLostOrDoubled() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (LocalCluster cluster = new LocalCluster(directory, Map.of("WEIR_SETTINGS", SETTINGS))) {
            cluster.awaitOutput("ready; Ctrl-C stops", 1);
            List<Future<Void>> work = new ArrayList<>();
            for (int n = 0; n < 2; n++) {
                int own = n;
                work.add(threads.submit(loop(new Random(n), random -> write(cluster, own, random))));
                work.add(threads.submit(loop(new Random(n), random -> read(cluster, own))));
            }
            for (int round = 1; round <= ROUNDS; round++) {
                cluster.restart();
                cluster.awaitOutput("restarted all replicas", round);
                long rows = stored.get();
                int before = reads.get();
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() -> failed(work) || (stored.get() > rows + 500 && reads.get() > before + 10));
            }
            over.set(true);
            for (Future<Void> one : work) {
                one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            assertEveryRowIsThereOnce(cluster);
            System.out.printf(
                    "rolling restarts: %d rows, %d writes sent again; %d reads, %d of them in more than one try%n",
                    sent.get(), retriedWrites.get(), reads.get(), retriedReads.get());
            cluster.stop();
            assertInOrder(cluster);
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }

    private static boolean failed(List<Future<Void>> work) {
        return work.stream().anyMatch(Future::isDone);
    }

    private interface Step {
        void run(Random random) throws InterruptedException;
    }

    private Callable<Void> loop(Random random, Step step) {
        return () -> {
            while (!over.get()) {
                step.run(random);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
            return null;
        };
    }

    /** One body of new rows, sent until it is answered 204. */
    private void write(LocalCluster cluster, int replica, Random random) throws InterruptedException {
        int rows = 1 + random.nextInt(40);
        StringBuilder body = new StringBuilder();
        for (int row = 0; row < rows; row++) {
            body.append("m,host=h").append(row % 5).append(" id=").append(nextId.incrementAndGet());
            body.append("i ").append(1_700_000_000L + random.nextInt(10_000)).append('\n');
        }
        sent.addAndGet(rows);
        String key = UUID.randomUUID().toString();
        for (int attempt = 0; ; attempt++) {
            // An agent stays with a replica as long as it is there.
            int port = cluster.ingestPort((replica + attempt / 20) % 2);
            if (status(cluster, port, body.toString(), key) == 204) {
                break;
            }
            retriedWrites.incrementAndGet();
            assertThat(attempt).as("tries of one write").isLessThan(6_000);
            pause();
        }
        stored.addAndGet(rows);
    }

    /** The status, or 503 when nobody answered. What it is not allowed to be fails. */
    private static int status(LocalCluster cluster, int port, String body, String key) throws InterruptedException {
        try {
            HttpResponse<String> answer = cluster.post(port, "/write?db=iot&precision=s", body, "Idempotency-Key", key);
            assertThat(answer.statusCode()).as(answer.body()).isIn(204, 503);
            if (answer.statusCode() == 503) {
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            }
            return answer.statusCode();
        } catch (IOException cut) {
            return 503;
        }
    }

    /** One count, asked for until it is answered, of the replicas in turn. */
    private void read(LocalCluster cluster, int replica) throws InterruptedException {
        long least = stored.get();
        if (least == 0) {
            return;
        }
        long begin = System.nanoTime();
        for (int attempt = 0; ; attempt++) {
            int port = cluster.queryPort((replica + attempt) % 2);
            try {
                HttpResponse<String> answer = cluster.post(port, "/api/v1/query", COUNT);
                if (answer.statusCode() == 200) {
                    long rows = Sql.JSON.readTree(answer.body()).at("/data/0/0").asLong();
                    assertThat(rows).isBetween(least, sent.get());
                    reads.incrementAndGet();
                    retriedReads.addAndGet(attempt > 0 ? 1 : 0);
                    return;
                }
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            } catch (IOException cut) {
                // The replica is being restarted; the other one is asked.
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(LONGEST_READ);
            pause();
        }
    }

    private static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }

    private void assertEveryRowIsThereOnce(LocalCluster cluster) throws IOException, InterruptedException {
        for (int replica = 0; replica < 2; replica++) {
            HttpResponse<String> answer = cluster.post(cluster.queryPort(replica), "/api/v1/query", ALL);
            JsonNode row = Sql.JSON.readTree(answer.body()).at("/data/0");
            assertThat(row.valueStream().map(JsonNode::asLong))
                    .as(answer.body())
                    .containsExactly(sent.get(), sent.get(), 1L, sent.get());
        }
        assertThat(stored.get()).isEqualTo(sent.get()).isGreaterThan(500);
    }

    private static void assertInOrder(LocalCluster cluster) throws IOException {
        for (String replica : List.of("ingest-0", "ingest-1", "query-0", "query-1")) {
            String log = cluster.log(replica);
            assertThat(log.lines().filter(line -> line.contains("Weir has stopped")))
                    .as(replica)
                    .hasSize(ROUNDS + 1);
            assertThat(log).doesNotContain("ERROR", "not everything could");
        }
    }
}
