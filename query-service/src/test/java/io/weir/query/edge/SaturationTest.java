package io.weir.query.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.weir.storage.duckdb.DuckDbEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requirement Q2: a saturated server answers everybody, soon, and needs no memory for it. */
@Timeout(120)
class SaturationTest {

    private static final int CLIENTS = 1_000;
    private static final int SESSIONS = 2;
    private static final String ENDLESS =
            "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE hash(a.range + b.range) = 1";

    /** Equal queries would wait for one run otherwise. */
    private static final String OWN_RUN = "Cache-Control: no-cache\r\n";

    @TempDir
    Path directory;

    @Test
    void aThousandClientsAtOnceAreAnsweredWithinTheAcquireTimeout() throws Exception {
        try (QueryServer server = new QueryServer(
                directory,
                "--weir.query.max-sessions=" + SESSIONS,
                "--weir.query.max-pending=50",
                "--weir.query.acquire-timeout=1s",
                "--weir.query.timeout=60s",
                "--weir.query.max-timeout=60s")) {
            DuckDbEngine engine = server.bean(DuckDbEngine.class);
            List<RawAnswer.Connection> clients = new ArrayList<>();
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    RawAnswer.Connection client = new RawAnswer.Connection(server.port());
                    clients.add(client);
                    client.ask("/api/v1/query", OWN_RUN, "q", ENDLESS);
                    if (i == SESSIONS - 1) {
                        until(engine, SESSIONS);
                    }
                }
                Map<Integer, Integer> answers = new TreeMap<>();
                for (RawAnswer.Connection client : clients.subList(SESSIONS, CLIENTS)) {
                    RawAnswer answer = client.read();
                    answers.merge(answer.status(), 1, Integer::sum);
                    assertThat(answer.headers()).containsKey("retry-after");
                    assertThat(answer.text()).contains("\"code\":\"overloaded\"");
                }
                assertThat(answers).containsExactly(Map.entry(503, CLIENTS - SESSIONS));
                assertThat(engine.timedOut() + engine.refused()).isEqualTo(CLIENTS - SESSIONS);
                assertThat(engine.timedOut()).isGreaterThanOrEqualTo(1);
                assertThat(engine.acquired()).isEqualTo(SESSIONS);
                assertThat(engine.created())
                        .as("nobody who was refused cost a session")
                        .isEqualTo(SESSIONS);
                assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory())
                        .isLessThan(128L << 20);
            } finally {
                for (RawAnswer.Connection client : clients) {
                    client.close();
                }
            }
            until(engine, 0);
        }
    }

    private static void until(DuckDbEngine engine, int acquired) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (engine.acquired() != acquired) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
