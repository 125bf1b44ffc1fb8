package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many measurements with rows that wait for their files cost nothing while nothing comes: a deadline each, and no scan. */
class IdleIT {

    private static final int MEASUREMENTS = Integer.getInteger("weir.idle.measurements", 5_000);
    private static final int SECONDS = Integer.getInteger("weir.idle.seconds", 3);
    private static final int MEASUREMENTS_A_BODY = 1_000;

    /** Of one core, in percent: the virtual machine's own clocks, with all the rest asleep. */
    private static final double IDLE = Integer.getInteger("weir.idle.percent", 2);

    @TempDir
    Path data;

    @Test
    void measurementsThatWaitCostNoTime() {
        try (WeirProcess server = WeirProcess.serve(
                1_024,
                WeirProcess.freePort(),
                data,
                "weir.ingest.memory=512MB",
                "weir.ingest.flush-age=1h",
                "weir.ingest.flush-max-age=2h",
                "weir.orphans.enabled=false")) {
            for (int first = 0; first < MEASUREMENTS; first += MEASUREMENTS_A_BODY) {
                StringBuilder lines = new StringBuilder();
                for (int m = first; m < first + MEASUREMENTS_A_BODY; m++) {
                    lines.append('m').append(m).append(",host=a v=1i 1700000000\n");
                }
                assertThat(server.post("/write?db=idle&precision=s", lines.toString())
                                .statusCode())
                        .isEqualTo(204);
            }
            // What the writes left to do, such as compiling, ends by itself; a server that is never idle never gets
            // there.
            double idle = Awaitility.await()
                    .atMost(Duration.ofSeconds(120))
                    .until(() -> server.cpuPercent(SECONDS), percent -> percent < IDLE);
            System.out.printf("%d measurements wait: %.2f %% of a core over %d s%n", MEASUREMENTS, idle, SECONDS);
            assertThat(Metrics.of(server).get("weir_ingest_memory_used_bytes{stage=\"process\"}"))
                    .as("rows wait in memory")
                    .isGreaterThan(MEASUREMENTS);
            assertThat(Sql.number(server, "idle", "SELECT v FROM m" + (MEASUREMENTS - 1)))
                    .isEqualTo(1);
        }
    }
}
