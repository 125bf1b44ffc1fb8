package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A server killed again and again while agents write with keys: each sends a body until it has an answer, over kills and
 * restarts, and now and then sends an old one again. Afterwards every row is there exactly once. LESSONS 8, 62.
 */
class KeyedCrashIT {

    private static final int KILLS = Integer.getInteger("weir.crash.kills", 12);
    private static final int AGENTS = 4;
    private static final String[] SETTINGS = {
        "weir.ingest.flush-age=150ms", "weir.ingest.flush-size=64KB", "weir.wal.segment-size=256KB",
    };

    private final AtomicLong nextId = new AtomicLong();
    private final AtomicLong replayed = new AtomicLong();

    @TempDir
    Path data;

    /** A client that gives no body up. Used by one thread at a time. */
    private final class Agent {
        private final String name;
        private final Random random;
        private final List<String> answered = new ArrayList<>();
        private String unanswered = "";
        private long bodies;
        private long retriesAfterKill;

        Agent(String name, Random random) {
            this.name = name;
            this.random = random;
        }

        void run(WeirProcess server, AtomicBoolean killed) {
            boolean retry = !unanswered.isEmpty();
            while (!killed.get()) {
                if (unanswered.isEmpty()) {
                    unanswered = body();
                    bodies++;
                }
                if (!send(server, name + bodies, unanswered)) {
                    return;
                }
                retriesAfterKill += retry ? 1 : 0;
                retry = false;
                answered.add(unanswered);
                unanswered = "";
                int old = random.nextInt(answered.size());
                if (random.nextInt(4) == 0 && !send(server, name + (old + 1), answered.get(old))) {
                    return;
                }
            }
        }

        /** @return false when the connection was cut, so that nobody knows what became of the body */
        private boolean send(WeirProcess server, String key, String body) {
            try {
                HttpResponse<String> answer = server.post("/write?db=crash&precision=s", body, "Idempotency-Key", key);
                if (answer.headers().firstValue("Idempotent-Replayed").isPresent()) {
                    replayed.incrementAndGet();
                }
                if (answer.statusCode() == 503) {
                    return send(server, key, body);
                }
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
                return true;
            } catch (UncheckedIOException cut) {
                return false; // sent again after the restart
            }
        }

        private String body() {
            StringBuilder body = new StringBuilder();
            int rows = 1 + random.nextInt(50);
            for (int i = 0; i < rows; i++) {
                long id = nextId.incrementAndGet();
                body.append(id % 2 == 0 ? "even" : "odd")
                        .append(",host=h" + random.nextInt(5) + " id=" + id + "i ")
                        .append(1_700_000_000L + random.nextInt(3 * 3600))
                        .append('\n');
            }
            return body.toString();
        }
    }

    @Test
    void everyRowIsStoredOnceHoweverOftenItIsSent() throws InterruptedException {
        long seed = Long.getLong("weir.crash.seed", System.nanoTime());
        System.out.println("keyed crash seed " + seed + " (repeat it with -Dweir.crash.seed)");
        Random random = new Random(seed);
        List<Agent> agents = new ArrayList<>();
        for (int i = 0; i < AGENTS; i++) {
            agents.add(new Agent("agent-" + i + "/", new Random(random.nextLong())));
        }
        for (int kill = 1; kill <= KILLS; kill++) {
            try (WeirProcess server = WeirProcess.serve(data, SETTINGS)) {
                writeUntilKilled(server, agents, random);
            }
        }
        try (WeirProcess server = WeirProcess.serve(data, SETTINGS)) {
            for (Agent agent : agents) {
                if (!agent.unanswered.isEmpty()) {
                    assertThat(agent.send(server, agent.name + agent.bodies, agent.unanswered))
                            .isTrue();
                }
            }
            verify(server);
        }
        long retries =
                agents.stream().mapToLong(agent -> agent.retriesAfterKill).sum();
        System.out.println(KILLS + " kills, " + nextId.get() + " rows, " + retries + " bodies sent again after a kill, "
                + replayed.get() + " answers replayed");
        assertThat(retries).isGreaterThan(KILLS);
        assertThat(replayed.get()).isPositive();
    }

    private static void writeUntilKilled(WeirProcess server, List<Agent> agents, Random random)
            throws InterruptedException {
        AtomicBoolean killed = new AtomicBoolean();
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (Agent agent : agents) {
            Thread thread = new Thread(() -> agent.run(server, killed), agent.name);
            thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
            thread.start();
            threads.add(thread);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(900)));
        server.kill();
        killed.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    private void verify(WeirProcess server) {
        String all = "SELECT count(*), count(DISTINCT id), max(id) FROM"
                + " (SELECT id FROM odd UNION ALL SELECT id FROM even)";
        JsonNode row = Sql.rows(server, "crash", all).get(0);
        assertThat(row.get(1).asLong()).as("rows stored at least once").isEqualTo(nextId.get());
        assertThat(row.get(0).asLong()).as("rows stored").isEqualTo(nextId.get());
        assertThat(row.get(2).asLong()).isEqualTo(nextId.get());
    }
}
