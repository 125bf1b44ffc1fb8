package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retention policies and continuous queries that wait cost nothing: found by an index when they are due. REQUIREMENTS L1, L2. */
class IdleTasksIT {

    private static final int POLICIES = Integer.getInteger("weir.idle.policies", 1_000);
    private static final int QUERIES = Integer.getInteger("weir.idle.queries", 100);
    private static final int SECONDS = Integer.getInteger("weir.idle.seconds", 3);

    /** Of one core, in percent: the virtual machine's own clocks, with all the rest asleep. */
    private static final double IDLE = Integer.getInteger("weir.idle.percent", 2);

    @TempDir
    Path data;

    @Test
    void policiesAndQueriesThatWaitCostNoTime() {
        try (WeirProcess server = WeirProcess.serve(data, "weir.orphans.enabled=false")) {
            IntStream.range(0, POLICIES)
                    .parallel()
                    .forEach(n -> create(
                            server,
                            "retention",
                            "{\"name\":\"p" + n + "\",\"database\":\"idle\",\"measurement\":\"m" + n
                                    + "\",\"duration\":\"30d\",\"interval\":\"1d\"}"));
            IntStream.range(0, QUERIES)
                    .parallel()
                    .forEach(n -> create(
                            server,
                            "continuous_queries",
                            "{\"name\":\"q" + n + "\",\"database\":\"idle\",\"query\":\"SELECT host, avg(v) AS v FROM m"
                                    + n + " GROUP BY host\",\"destination_measurement\":\"r" + n
                                    + "\",\"interval\":\"365d\"}"));
            // Each policy is run once when it is new.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(120))
                    .until(() -> Metrics.of(server).get("weir_retention_runs_total{outcome=\"nothing\"}") == POLICIES);
            double idle = Awaitility.await()
                    .atMost(Duration.ofSeconds(120))
                    .until(() -> server.cpuPercent(SECONDS), percent -> percent < IDLE);
            System.out.printf(
                    "%d policies and %d queries wait: %.2f %% of a core over %d s%n", POLICIES, QUERIES, idle, SECONDS);
        }
    }

    private static void create(WeirProcess server, String what, String body) {
        var answer = server.json("POST", "/api/v1/" + what, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }
}
