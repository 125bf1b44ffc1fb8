package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sockets that come, listen and go while rows are written, some with a farewell and some without, leave memory, maps and gauges
 * where they were. REQUIREMENTS W2; LESSONS 41, 44. For {@code weir.tail.churn-seconds} with {@code
 * weir.tail.churn-sockets}: a thousand of them for five minutes at night.
 */
class TailChurnTest {

    private static final int SECONDS = Integer.getInteger("weir.tail.churn-seconds", 6);
    /** Meters of outcomes that come for the first time, far fewer than rooms and sockets. */
    private static final int FIRST_SEEN = 5;

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final int SOCKETS = Integer.getInteger("weir.tail.churn-sockets", 250);
    private static final int WORKERS = 8;
    private static final int ROOMS = 25;
    private static final long SLACK_BYTES = 48L << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path data;

    @Test
    void socketsThatComeAndGoLeaveNothing() throws Exception {
        long seed = Long.getLong("weir.fuzz.seed", System.nanoTime());
        try (AccessServer server =
                new AccessServer(data, "weir.tail.sweep", "200ms", "weir.tail.max-per-room", "200")) {
            String operator = Files.readString(data.resolve("operator-token")).strip();
            HttpClient http = HttpClient.newHttpClient();
            churn(
                    server,
                    http,
                    operator,
                    seed,
                    System.nanoTime() + Duration.ofSeconds(1).toNanos());
            awaitNobody(server);
            long heapBefore = heap();
            long directBefore = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
            long meters = server.bean(MeterRegistry.class).getMeters().size();

            long taken = churn(
                    server,
                    http,
                    operator,
                    seed + 1,
                    System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos());
            assertThat(taken).as("messages taken, seed %d", seed).isGreaterThan(SOCKETS);
            awaitNobody(server);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    server.bean(MeterRegistry.class).getMeters().size())
                            .isLessThanOrEqualTo((int) meters + FIRST_SEEN));
            assertThat(heap()).isLessThan(heapBefore + SLACK_BYTES);
            assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory())
                    .isLessThan(directBefore + SLACK_BYTES);
        }
    }

    /** @return messages that were taken */
    private static long churn(AccessServer server, HttpClient http, String token, long seed, long until)
            throws Exception {
        AtomicLong taken = new AtomicLong();
        AtomicLong opened = new AtomicLong();
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS + 1);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int worker = 0; worker < WORKERS; worker++) {
                Random random = new Random(seed * 31 + worker);
                running.add(workers.submit(() -> {
                    List<TailClient> open = new ArrayList<>();
                    while (System.nanoTime() < until || opened.get() < SOCKETS) {
                        String room = "db=churn&measurement=m" + random.nextInt(ROOMS)
                                + (random.nextInt(4) == 0 ? "&where=v%20%3E%203" : "")
                                + (random.nextInt(4) == 0 ? "&format=arrow" : "");
                        open.add(TailClient.open(http, server.port(), room, token));
                        opened.incrementAndGet();
                        if (open.size() >= SOCKETS / WORKERS) {
                            leave(open.remove(random.nextInt(open.size())), random, taken);
                        }
                    }
                    open.forEach(client -> leave(client, random, taken));
                    return null;
                }));
            }
            running.add(workers.submit(() -> {
                for (int i = 0; System.nanoTime() < until || opened.get() < SOCKETS; i++) {
                    StringBuilder lines = new StringBuilder();
                    for (int room = 0; room < ROOMS; room++) {
                        lines.append("m")
                                .append(room)
                                .append(",host=a v=")
                                .append(i % 7)
                                .append("i\n");
                    }
                    assertThat(server.send("POST", "/write?db=churn", token, lines.toString())
                                    .status())
                            .isEqualTo(204);
                    LockSupport.parkNanos(PAUSE.toNanos()); // each write is a message to every socket
                }
                return null;
            }));
            for (Future<?> worker : running) {
                worker.get();
            }
        } finally {
            workers.shutdownNow();
        }
        return taken.get();
    }

    private static void leave(TailClient client, Random random, AtomicLong taken) {
        taken.addAndGet(client.waiting());
        if (random.nextBoolean()) {
            client.leave().handle((sent, failure) -> null).join();
        }
        client.close();
    }

    private static void awaitNobody(AccessServer server) {
        MeterRegistry meters = server.bean(MeterRegistry.class);
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            for (String gauge : List.of("weir.tail.subscriptions", "weir.tail.rooms", "weir.tail.bytes")) {
                assertThat(meters.get(gauge).gauge().value()).as(gauge).isZero();
            }
            assertThat(meters.find("weir.tail.room.subscriptions").gauges()).isEmpty();
        });
    }

    private static long heap() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }
}
