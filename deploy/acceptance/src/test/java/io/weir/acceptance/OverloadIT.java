package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Ten times more writers than fit, all at once, each sending a refused body again until it is taken: the memory stays
 * flat, nobody is told anything but "stored" or "later", and every stored row is there once, also after a restart.
 * REQUIREMENTS P1; LESSONS 2, 60, 62, 63; invariants 1, 2, 3.
 */
class OverloadIT {

    private static final int SECONDS = Integer.getInteger("weir.overload.seconds", 15);
    private static final int LEAST_SAMPLES = 9; // a machine that is slow to answer storms a little longer
    private static final int WRITERS = 300;
    private static final long MEMORY_BYTES = 6L << 20; // some 30 of the bodies below
    private static final long MIB = 1 << 20;
    private static final String[] SETTINGS = {
        "weir.ingest.memory=6MB", "weir.ingest.flush-age=1s", "weir.ingest.flush-size=1MB", "weir.wal.segment-size=4MB",
    };

    private final AtomicLong nextBody = new AtomicLong();
    private final Map<Long, Integer> acknowledged = new ConcurrentHashMap<>();
    private final Set<Long> unknown = new ConcurrentSkipListSet<>();
    private final Map<Integer, AtomicLong> statuses = new ConcurrentHashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    @TempDir
    Path data;

    /** What was seen of the server at one moment, in bytes. */
    private record Sample(long budget, long heap, long direct, long resident) {}

    @Test
    void tenTimesTheWritersThatFitLeaveMemoryFlatAndEveryAcknowledgedRowOnce() throws InterruptedException {
        long seed = Long.getLong("weir.overload.seed", System.nanoTime());
        System.out.println(
                "overload seed " + seed + ", " + SECONDS + " s (-Dweir.overload.seed, -Dweir.overload.seconds)");
        try (WeirProcess server = WeirProcess.serve(data, SETTINGS)) {
            List<Sample> samples = storm(server, new Random(seed));
            assertThat(wrong).as("answers that are wrong under overload").isEmpty();
            assertThat(statuses.keySet()).isSubsetOf(204, 429, 503).contains(204, 503);
            assertFlat(samples);
            assertThat(server.post("/api/v1/flush", "").statusCode()).isEqualTo(204);
            Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                Map<String, Double> now = Metrics.of(server);
                assertThat(now.get("weir_ingest_memory_used_bytes{stage=\"process\"}"))
                        .as("nothing but remembered series is held")
                        .isEqualTo(now.get("weir_ingest_memory_used_bytes{stage=\"series\"}"));
            });
            assertThat(refusals(Metrics.of(server)))
                    .as("refusals are counted")
                    .isGreaterThanOrEqualTo(statuses.get(503).get());
            assertStored(server);
            assertThat(server.output()).doesNotContain("OutOfMemoryError").doesNotContain("LEAK:");
            assertThat(server.stop()).isIn(0, 143);
        }
        try (WeirProcess server = WeirProcess.serve(data, SETTINGS)) {
            assertStored(server);
        }
        System.out.println("answers " + statuses + ", " + acknowledged.size() + " bodies with "
                + acknowledged.values().stream().mapToLong(Integer::longValue).sum() + " rows stored once, "
                + unknown.size() + " connections lost");
    }

    private List<Sample> storm(WeirProcess server, Random random) throws InterruptedException {
        List<Thread> writers = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            Random own = new Random(random.nextLong());
            Thread writer = new Thread(null, () -> write(server, own), "writer-" + w, 256 << 10);
            writer.start();
            writers.add(writer);
        }
        List<Sample> samples = new ArrayList<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (System.nanoTime() < end || samples.size() < LEAST_SAMPLES) {
            samples.add(sample(server));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
        over = true;
        for (Thread writer : writers) {
            writer.join();
        }
        return samples;
    }

    /** Sends one body after the other, each until it is taken. */
    private void write(WeirProcess server, Random random) {
        while (!over) {
            long body = nextBody.incrementAndGet();
            int rows = 500 + random.nextInt(3_000);
            String lines = lines(body, rows);
            boolean taken = false;
            while (!taken && !over) {
                try {
                    taken = post(server, body, rows, lines);
                } catch (UncheckedIOException lost) {
                    unknown.add(body); // whether it was stored nobody knows, and either is right
                    return;
                }
                if (!taken) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5 + random.nextInt(40)));
                }
            }
        }
    }

    private boolean post(WeirProcess server, long body, int rows, String lines) {
        HttpResponse<String> answer = server.post("/write?db=storm&precision=s", lines);
        statuses.computeIfAbsent(answer.statusCode(), status -> new AtomicLong())
                .incrementAndGet();
        if (answer.statusCode() == 204) {
            acknowledged.put(body, rows);
            return true;
        }
        boolean later = answer.statusCode() == 503 || answer.statusCode() == 429;
        if (!later || answer.headers().firstValue("Retry-After").isEmpty()) {
            wrong.add(answer.statusCode() + " " + answer.headers().map() + " " + answer.body());
        }
        return false;
    }

    private static String lines(long body, int rows) {
        StringBuilder lines = new StringBuilder(rows * 60);
        for (int row = 0; row < rows; row++) {
            lines.append("storm,host=h")
                    .append(row % 50)
                    .append(" body=")
                    .append(body)
                    .append("i,row=")
                    .append(row)
                    .append("i,v=")
                    .append(row)
                    .append(".25 ")
                    .append(1_700_000_000L + row)
                    .append('\n');
        }
        return lines.toString();
    }

    private void assertStored(WeirProcess server) {
        Map<Long, Integer> stored = new HashMap<>();
        String all = "SELECT body, count(*), count(DISTINCT row) FROM storm GROUP BY body";
        for (JsonNode row : Sql.rows(server, "storm", all)) {
            long body = row.get(0).asLong();
            assertThat(row.get(1).asInt())
                    .as("rows of body %d, none twice", body)
                    .isEqualTo(row.get(2).asInt());
            stored.put(body, row.get(1).asInt());
        }
        for (Map.Entry<Long, Integer> body : acknowledged.entrySet()) {
            assertThat(stored.remove(body.getKey()))
                    .as("rows of acknowledged body %d", body.getKey())
                    .isEqualTo(body.getValue());
        }
        assertThat(unknown).as("bodies stored though they were refused").containsAll(stored.keySet());
    }

    private static Sample sample(WeirProcess server) {
        Map<String, Double> metrics = Metrics.of(server);
        return new Sample(
                sum(metrics, "weir_ingest_memory_used_bytes{stage=\"process\"}"),
                sum(metrics, "jvm_memory_used_bytes{area=\"heap\""),
                sum(metrics, "netty_allocator_memory_used", "direct"),
                resident(server.pid()));
    }

    private static long sum(Map<String, Double> metrics, String name, String... parts) {
        double sum = 0;
        boolean any = false;
        for (Map.Entry<String, Double> metric : metrics.entrySet()) {
            boolean counts = metric.getKey().startsWith(name);
            for (String part : parts) {
                counts &= metric.getKey().contains(part);
            }
            if (counts) {
                sum += metric.getValue();
                any = true;
            }
        }
        assertThat(any).as("%s among %s", name, metrics.keySet()).isTrue();
        return (long) sum;
    }

    private static long refusals(Map<String, Double> metrics) {
        return sum(metrics, "weir_ingest_refused_total");
    }

    /** Resident memory of a process; 0 where the system does not tell. */
    private static long resident(long pid) {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (!Files.exists(status)) {
            return 0;
        }
        try {
            return Files.readAllLines(status).stream()
                            .filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElse(0)
                    << 10;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** After the first third, which warms up, nothing grows: what is used stays within its limit, and the last third is as the second. */
    private static void assertFlat(List<Sample> samples) {
        assertThat(samples).allSatisfy(sample -> assertThat(sample.budget).isLessThanOrEqualTo(MEMORY_BYTES));
        List<Sample> second = samples.subList(samples.size() / 3, samples.size() * 2 / 3);
        List<Sample> last = samples.subList(samples.size() * 2 / 3, samples.size());
        System.out.printf(
                "second and last third, medians in MiB: heap left by the collector %d, %d; direct %d, %d; resident %d, %d%n",
                least(second, Sample::heap) / MIB,
                least(last, Sample::heap) / MIB,
                median(second, Sample::direct) / MIB,
                median(last, Sample::direct) / MIB,
                median(second, Sample::resident) / MIB,
                median(last, Sample::resident) / MIB);
        assertThat(least(last, Sample::heap)).isLessThan(least(second, Sample::heap) + 24 * MIB);
        assertThat(median(last, Sample::direct)).isLessThan(median(second, Sample::direct) * 5 / 4 + 16 * MIB);
        assertThat(median(last, Sample::resident)).isLessThan(median(second, Sample::resident) * 6 / 5 + 16 * MIB);
    }

    private static long least(List<Sample> samples, ToLongFunction<Sample> value) {
        return samples.stream().mapToLong(value).min().orElseThrow();
    }

    private static long median(List<Sample> samples, ToLongFunction<Sample> value) {
        long[] sorted = samples.stream().mapToLong(value).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
