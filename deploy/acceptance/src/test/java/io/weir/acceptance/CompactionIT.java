package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.PostgresPeer;
import io.weir.testing.S3Peer;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The packaged server compacts while rows come and queries count, is killed meanwhile, and tells of it. REQUIREMENTS L4, L5, S6. */
class CompactionIT {

    private static final int KILLS = Integer.getInteger("weir.compaction.kills", 4);
    private static final String[] EAGER = {
        "weir.ingest.flush-age=50ms",
        "weir.ingest.flush-min-size=0B",
        "weir.compaction.interval=50ms",
        "weir.compaction.quiet=0s",
        "weir.compaction.min-files=2",
        "weir.compaction.lease=300ms",
        "weir.orphans.interval=100ms",
        "weir.orphans.grace=1h",
    };

    @TempDir
    Path data;

    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();

    private static long count(WeirProcess server) {
        return Sql.number(server, "iot", "SELECT count(*) FROM cpu");
    }

    private void write(WeirProcess server, Random random) {
        int rows = 1 + random.nextInt(40);
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < rows; i++) {
            body.append("cpu,host=h")
                    .append(random.nextInt(4))
                    .append(" n=")
                    .append(sent.get() + i)
                    .append("i ");
            body.append(1_700_000_000L + random.nextInt(2) * 86_400 + random.nextInt(3) * 3_600)
                    .append('\n');
        }
        sent.addAndGet(rows);
        HttpResponse<String> answer = server.post("/write?db=iot&precision=s", body.toString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        acknowledged.addAndGet(rows);
    }

    @Test
    void countsNeverFallOrExceedTheTruthWhileItCompactsAndIsKilled() throws Exception { // LESSONS 19, 20, 39
        long seed = Long.getLong("weir.compaction.seed", System.nanoTime());
        System.out.println("CompactionIT seed " + seed);
        Random random = new Random(seed);
        try (WeirProcess first = WeirProcess.serve(data, EAGER)) {
            write(first, random);
        }
        for (int kill = 0; kill < KILLS; kill++) {
            try (WeirProcess server = WeirProcess.serve(data, EAGER)) {
                long before = (long)
                        Metrics.of(server).get("weir_compaction_rows_total").doubleValue();
                countWhileRowsCome(server, random, before);
                server.kill();
                // What was sent and not acknowledged before the kill is there or it is not.
            }
        }
        try (WeirProcess server = WeirProcess.serve(data, EAGER)) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> server.get("/api/v1/compaction/status").body().contains("\"queued_partitions\":0"));
            assertThat(count(server)).isEqualTo(acknowledged.get());
            assertThat(Sql.number(server, "iot", "SELECT count(DISTINCT n) FROM cpu"))
                    .isEqualTo(acknowledged.get());
            assertThat(server.get("/api/v1/compaction/history").body()).contains("\"input_files\":");
            assertThat(server.get("/health").body())
                    .contains("\"name\":\"compaction\",\"ok\":true", "\"name\":\"orphans\",\"ok\":true")
                    .contains("\"quarantinedFiles\":0");
            assertThat(server.stop()).isIn(0, 143);
            assertThat(server.output()).doesNotContain("ERROR", "LEAK");
        }
    }

    /** Until some merges were made. */
    private void countWhileRowsCome(WeirProcess server, Random random, double before) throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            try {
                while (!stop.get()) {
                    long least = acknowledged.get();
                    long counted = count(server);
                    assertThat(counted).isBetween(least, sent.get());
                }
            } catch (Throwable e) {
                wrong.set(e);
            }
        });
        reader.start();
        try {
            Awaitility.await().atMost(Duration.ofSeconds(90)).until(() -> {
                write(server, random);
                return wrong.get() != null || Metrics.of(server).get("weir_compaction_rows_total") > before + 500;
            });
        } catch (UncheckedIOException e) {
            throw new AssertionError(server.output(), e);
        } finally {
            stop.set(true);
            reader.join();
        }
        assertThat(wrong.get()).isNull();
    }

    @Test
    void itIsAskedForAndTellsHowItFares() {
        try (WeirProcess server = WeirProcess.serve(
                data, "weir.ingest.flush-age=50ms", "weir.ingest.flush-min-size=0B", "weir.compaction.enabled=false")) {
            Random random = new Random(1);
            for (int i = 0; i < 5; i++) {
                write(server, random);
                assertThat(server.post("/api/v1/flush", "").statusCode()).isEqualTo(204);
            }
            assertThat(server.get("/api/v1/compaction/status").body())
                    .contains("\"enabled\":false", "\"running\":false", "\"quarantined_files\":[]");
            assertThat(server.get("/api/v1/compaction/candidates").body())
                    .contains("\"measurement\":\"cpu\"", "\"tier\":\"hour\"", "\"start\":\"2023-11-14T22:00:00Z\"");
            assertThat(server.get("/health").body()).doesNotContain("\"name\":\"compaction\"");
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
                HttpResponse<String> answer = server.post("/api/v1/compaction/trigger", "");
                assertThat(answer.statusCode()).as(answer.body()).isIn(202, 409);
                return server.get("/api/v1/compaction/status").body().contains("\"queued_partitions\":0");
            });
            assertThat(server.get("/api/v1/compaction/history?limit=1").body())
                    .contains("\"tier\":\"day\"", "\"output_rows\":");
            assertThat(server.get("/api/v1/compaction/history?limit=0").statusCode())
                    .isEqualTo(400);
            assertThat(server.get("/api/v1/compaction/trigger").statusCode()).isEqualTo(405);
            assertThat(count(server)).isEqualTo(sent.get());
        }
    }

    @Test
    void twoServersOfOneCatalogCompactOneAtATimeAndBothCountRight() throws Exception { // LESSONS 19, 20, 29, 39
        S3Peer store = S3Peer.s3Proxy();
        PostgresPeer database = PostgresPeer.find();
        String id = UUID.randomUUID().toString();
        List<String> settings = new ArrayList<>(List.of(EAGER));
        settings.addAll(StoredRows.s3(store.endpoint(), store.bucket(), id));
        settings.addAll(StoredRows.postgres(database, database.server(), "it_" + id.replace("-", "")));
        String[] all = settings.toArray(String[]::new);
        long seed = System.nanoTime();
        System.out.println("CompactionIT seed " + seed);
        try (WeirProcess one = WeirProcess.serve(data.resolve("one"), all);
                WeirProcess other = WeirProcess.serve(data.resolve("other"), all)) {
            Random random = new Random(seed);
            AtomicLong inFiles = new AtomicLong();
            writeAndFlush(one, random, inFiles);
            AtomicBoolean stop = new AtomicBoolean();
            AtomicReference<Throwable> wrong = new AtomicReference<>();
            List<Thread> readers = new ArrayList<>();
            for (WeirProcess server : List.of(one, other)) {
                readers.add(new Thread(() -> countUntil(stop, server, inFiles, wrong)));
            }
            readers.forEach(Thread::start);
            for (int i = 0; i < 60 && wrong.get() == null; i++) {
                writeAndFlush(random.nextBoolean() ? one : other, random, inFiles);
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> wrong.get() != null
                            || one.get("/api/v1/compaction/status").body().contains("\"queued_partitions\":0"));
            stop.set(true);
            for (Thread reader : readers) {
                reader.join();
            }
            assertThat(wrong.get()).isNull();
            assertThat(count(other)).isEqualTo(sent.get());
            noTwoRunsOverlap(Sql.JSON.readTree(
                    one.get("/api/v1/compaction/history?limit=1000").body()));
        }
    }

    private void writeAndFlush(WeirProcess server, Random random, AtomicLong inFiles) {
        write(server, random);
        assertThat(server.post("/api/v1/flush", "").statusCode()).isEqualTo(204);
        inFiles.set(sent.get());
    }

    private void countUntil(
            AtomicBoolean stop, WeirProcess server, AtomicLong inFiles, AtomicReference<Throwable> wrong) {
        try {
            while (!stop.get()) {
                long least = inFiles.get();
                assertThat(count(server)).isBetween(least, sent.get());
            }
        } catch (Throwable e) {
            wrong.set(e);
        }
    }

    private static void noTwoRunsOverlap(JsonNode history) {
        List<Instant[]> runs = new ArrayList<>();
        history.get("runs")
                .forEach(run -> runs.add(new Instant[] {
                    Instant.parse(run.get("began_at").asString()),
                    Instant.parse(run.get("ended_at").asString())
                }));
        assertThat(runs).hasSizeGreaterThan(2);
        runs.sort(Comparator.comparing(run -> run[0]));
        for (int i = 1; i < runs.size(); i++) {
            assertThat(runs.get(i)[0]).isAfterOrEqualTo(runs.get(i - 1)[1]);
        }
    }
}
