package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.FaultProxy;
import io.weir.testing.PostgresPeer;
import io.weir.testing.S3Peer;
import io.weir.testing.Trees;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * A server whose network to the object store, and to its catalog in PostgreSQL, fails in every way at random while rows keep
 * coming: each acknowledged row is stored once, memory and the log stay within their limits, writers are told to come back
 * later and nothing else, and when the network is well again everything goes on by itself. With the catalog in SQLite, which
 * has no network, it runs at night only: what fails then fails here too. REQUIREMENTS S2, S5; LESSONS 1, 2, 15, 18, 19, 48.
 */
class StoreEnduranceIT {

    private static final int SECONDS = Integer.getInteger("weir.endurance.seconds", 15);
    private static final int WRITERS = 4;
    private static final long MEMORY_BYTES = 6L << 20;
    private static final long LOG_BYTES = 12L << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final String STORED = "SELECT body, count(*), count(DISTINCT row) FROM m GROUP BY body";

    private final S3Peer peer = S3Peer.s3Proxy();
    private final FaultProxy proxy = FaultProxy.inFrontOf(peer.endpoint());
    private final String id = UUID.randomUUID().toString();
    private final AtomicLong nextBody = new AtomicLong();
    private final Map<Long, Integer> acknowledged = new ConcurrentHashMap<>();
    private final AtomicLong refused = new AtomicLong();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    /** The network to the catalog, when there is one. */
    private Optional<FaultProxy> catalogProxy = Optional.empty();

    /** Where the catalog is: in the data directory unless these settings say otherwise. */
    private List<String> catalogSettings = List.of();

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        proxy.close();
        catalogProxy.ifPresent(FaultProxy::close);
    }

    static List<String> catalogs() {
        return List.of(
                System.getProperty("weir.endurance.catalogs", "postgresql").split(",", -1));
    }

    private void keepCatalogInPostgresql() {
        PostgresPeer database = PostgresPeer.find();
        FaultProxy network = FaultProxy.inFrontOf(database.server());
        catalogProxy = Optional.of(network);
        catalogSettings =
                new ArrayList<>(StoredRows.postgres(database, network.url(), "endurance_" + id.replace("-", "")));
        catalogSettings.addAll(List.of(
                "weir.catalog.timeout=3s",
                "weir.catalog.statement-timeout=1s",
                "weir.catalog.connect-timeout=1s",
                "weir.catalog.acquire-timeout=2s"));
    }

    private String[] settings() {
        List<String> settings = new ArrayList<>(StoredRows.s3(proxy.url(), peer.bucket(), "endurance/" + id));
        settings.addAll(List.of(
                "weir.storage.timeouts.attempt=1s",
                "weir.storage.timeouts.total=4s",
                "weir.storage.connections.silence-timeout=1s",
                "weir.storage.connections.connect-timeout=1s",
                "weir.storage.retry.attempts=3",
                "weir.storage.breaker.least-calls=4",
                "weir.storage.breaker.window=10",
                "weir.storage.breaker.open-for=1s",
                "weir.orphans.interval=500ms",
                "weir.ingest.memory=" + (MEMORY_BYTES >> 20) + "MB",
                "weir.ingest.flush-age=200ms",
                "weir.ingest.flush-min-size=1KB",
                "weir.ingest.flush-size=512KB",
                "weir.ingest.flush-backoff=100ms",
                "weir.wal.segment-size=1MB",
                "weir.wal.max-size=" + (LOG_BYTES >> 20) + "MB"));
        settings.addAll(catalogSettings);
        return settings.toArray(String[]::new);
    }

    @ParameterizedTest(name = "catalog in {0}")
    @MethodSource("catalogs")
    void whateverTheNetworkDoesNothingIsLostNothingIsDoubledAndItRecoversByItself(String catalog)
            throws InterruptedException {
        if (catalog.equals("postgresql")) {
            keepCatalogInPostgresql();
        } else {
            assertThat(catalog).as("weir.endurance.catalogs").isEqualTo("sqlite");
        }
        long seed = Long.getLong("weir.endurance.seed", System.nanoTime());
        System.out.println(
                "endurance seed " + seed + ", " + SECONDS + " s (-Dweir.endurance.seed, -Dweir.endurance.seconds)");
        Random random = new Random(seed);
        try (WeirProcess server = WeirProcess.serve(directory.resolve("data"), settings())) {
            List<Thread> writers = startWriters(server, random);
            failAtRandom(server, random);
            hang(server);
            over = true;
            for (Thread writer : writers) {
                writer.join();
            }
            assertThat(wrong).as("answers that are wrong while the store fails").isEmpty();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> server.post("/api/v1/flush", "").statusCode() == 204);
            assertStored(server);
            assertThat(Metrics.of(server).get("weir_orphans_removed_total")).isZero();
            assertThat(server.output()).doesNotContain("OutOfMemoryError").doesNotContain("LEAK:");
            assertThat(server.stop()).isIn(0, 143);
        }
        Trees.remove(directory.resolve("data/cache"));
        try (WeirProcess server = WeirProcess.serve(directory.resolve("data"), settings())) {
            assertStored(server); // from the store alone
            server.stop();
        }
        assertInStep();
        System.out.println(acknowledged.size() + " bodies with "
                + acknowledged.values().stream().mapToLong(Integer::longValue).sum() + " rows stored once, " + refused
                + " times told to come later");
    }

    private List<Thread> startWriters(WeirProcess server, Random random) {
        List<Thread> writers = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            Random own = new Random(random.nextLong());
            Thread writer = new Thread(null, () -> write(server, own), "writer-" + w, 256 << 10);
            writer.start();
            writers.add(writer);
        }
        return writers;
    }

    /** Sends one body after the other, each until it is taken. */
    private void write(WeirProcess server, Random random) {
        while (!over) {
            long body = nextBody.incrementAndGet();
            int rows = 20 + random.nextInt(400);
            String lines = lines(body, rows);
            while (!taken(server.post("/write?db=iot&precision=s", lines))) {
                if (over) {
                    return;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
            acknowledged.put(body, rows);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5 + random.nextInt(20)));
        }
    }

    private boolean taken(HttpResponse<String> answer) {
        if (answer.statusCode() == 204) {
            return true;
        }
        refused.incrementAndGet();
        if (answer.statusCode() != 503
                || answer.headers().firstValue("Retry-After").isEmpty()) {
            wrong.add(answer.statusCode() + " " + answer.headers().map() + " " + answer.body());
        }
        return false;
    }

    private static String lines(long body, int rows) {
        StringBuilder lines = new StringBuilder(rows * 50);
        for (int row = 0; row < rows; row++) {
            lines.append("m,host=h").append(row % 50).append(" body=").append(body);
            lines.append("i,row=")
                    .append(row)
                    .append("i ")
                    .append(1_700_000_000L + row)
                    .append('\n');
        }
        return lines.toString();
    }

    private void failAtRandom(WeirProcess server, Random random) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (System.nanoTime() < end) {
            catalogProxy.ifPresent(network -> failCatalog(network, random));
            switch (random.nextInt(7)) {
                case 0 -> proxy.latency(Duration.ofMillis(20 + random.nextInt(400)));
                case 1 -> proxy.reset();
                case 2 -> proxy.stall();
                case 3 -> proxy.halfCloseAfter(random.nextInt(600));
                case 4 -> proxy.cutAfter(random.nextInt(600));
                case 5 -> proxy.bandwidth(20_000 + random.nextInt(100_000));
                default -> proxy.commitThenFail("(PUT|POST) ", 1 + random.nextInt(5));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200 + random.nextInt(1_500)));
            proxy.heal();
            catalogProxy.ifPresent(FaultProxy::heal);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(600)));
            assertBounded(server);
        }
    }

    /** Sometimes the store's network alone fails, for a COMMIT follows only a put that succeeded. */
    private static void failCatalog(FaultProxy network, Random random) {
        switch (random.nextInt(7)) {
            case 0 -> network.latency(Duration.ofMillis(5 + random.nextInt(50)));
            case 1 -> network.reset();
            case 2 -> network.stall();
            case 3 -> network.cutAfter(random.nextInt(2_000));
            case 4 -> network.commitThenFail("(?s).{0,12}COMMIT", 1 + random.nextInt(3));
            default -> {}
        }
    }

    /** Nothing passes until writers are refused: the breaker opens, nothing grows any more, and both end with the fault. */
    private void hang(WeirProcess server) {
        proxy.stall();
        long before = refused.get();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> server.get("/health").body().contains("\"write\":\"open\""));
        Awaitility.await().atMost(PATIENCE).until(() -> {
            assertBounded(server);
            return refused.get() > before + WRITERS;
        });
        proxy.heal();
        long taken = acknowledged.size();
        Awaitility.await().atMost(PATIENCE).until(() -> acknowledged.size() > taken + 20L * WRITERS);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> server.get("/health").body().contains("\"write\":\"closed\""));
        Awaitility.await() // by the search for orphans
                .atMost(PATIENCE)
                .until(() -> server.get("/health").body().contains("\"read\":\"closed\""));
    }

    private static void assertBounded(WeirProcess server) {
        Map<String, Double> metrics = Metrics.of(server);
        assertThat(metrics.get("weir_ingest_memory_used_bytes{stage=\"process\"}"))
                .isLessThanOrEqualTo(MEMORY_BYTES);
        assertThat(metrics.get("weir_wal_disk_bytes")).isLessThanOrEqualTo(LOG_BYTES + (2 << 20));
    }

    private void assertStored(WeirProcess server) {
        Map<Long, Integer> stored = new HashMap<>();
        for (JsonNode row : Sql.rows(server, "iot", STORED)) {
            assertThat(row.get(1).asInt())
                    .as("rows of body %d, none twice", row.get(0).asLong())
                    .isEqualTo(row.get(2).asInt());
            stored.put(row.get(0).asLong(), row.get(1).asInt());
        }
        assertThat(stored).as("rows of each acknowledged body").isEqualTo(acknowledged);
    }

    /** Whatever failed, the store has each file of the catalog, and none besides. */
    private void assertInStep() {
        List<String> arguments = Stream.concat(
                        Stream.of(
                                "storage", "check", "--json", "--checksums", "--data", directory.resolve("data") + ""),
                        Stream.of(settings()).flatMap(setting -> Stream.of("--set", setting)))
                .toList();
        try (WeirProcess check = WeirProcess.run(0, arguments)) {
            assertThat(check.awaitExit()).as(check.output()).isZero();
            assertThat(check.output()).contains("\"uncommitted\":0,\"awaitingRemoval\":0,\"findings\":{}");
        }
    }
}
