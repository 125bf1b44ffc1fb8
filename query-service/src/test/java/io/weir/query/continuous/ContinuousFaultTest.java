package io.weir.query.continuous;

import static io.weir.query.continuous.ContinuousFixture.BY_HOST;
import static io.weir.query.continuous.ContinuousFixture.PATIENCE;
import static io.weir.query.continuous.ContinuousFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.CrashPoints;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A continuous query is killed at every step, again and again, while rows come late. REQUIREMENTS L2; LESSONS 19. */
class ContinuousFaultTest {

    private static final int CYCLES = Integer.getInteger("weir.continuous.cycles", 60);
    private static final int MINUTE = 60;
    private static final int LATENESS = 3 * MINUTE;

    @TempDir
    Path directory;

    private ContinuousFixture fixture;

    @BeforeEach
    void open() throws Exception {
        fixture = new ContinuousFixture(directory);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void whateverStepItIsKilledAtNoWindowIsSkippedOrDoubled() {
        long seed = Long.getLong("weir.continuous.seed", System.nanoTime());
        System.out.println("ContinuousFaultTest seed " + seed);
        Random random = new Random(seed);
        fixture.add(BY_HOST, Duration.ZERO, Duration.ofSeconds(LATENESS));
        BitSet written = new BitSet();
        int killed = 0;
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            write(random, written);
            CrashPoints crash = new CrashPoints(random.nextInt(random.nextBoolean() ? 8 : 30), random.nextBoolean());
            fixture.worker(crash, "windows", "3").turn().onErrorComplete().block(PATIENCE);
            killed += crash.isDead() ? 1 : 0;
            fixture.expireLeases();
            everyWindowIsThereOnceAtMost(seed);
            fixture.at(fixture.seconds() + random.nextInt(2 * MINUTE));
        }
        assertThat(killed).isGreaterThan(CYCLES / 3);
        for (int n = 0; n < 40; n++) { // failures that were recorded are waited for
            fixture.at(fixture.seconds() + (n % 10 == 0 ? MINUTE : 1));
            await(fixture.worker().turn());
        }
        assertThat(fixture.query().watermarkMicros())
                .as("seed %d", seed)
                .isEqualTo(fixture.seconds() / MINUTE * MINUTE * 1_000_000L);
        assertThat(fixture.byHost()).as("seed %d", seed).isEqualTo(model(written));
    }

    /** Rows of the minute that is under way, and of those whose windows late rows still may change. */
    private void write(Random random, BitSet written) {
        long watermark = fixture.query().watermarkMicros() / 1_000_000;
        int least = (int) Math.max(0, watermark - LATENESS + MINUTE);
        for (int n = random.nextInt(4); n >= 0; n--) {
            int at = least + random.nextInt((int) (fixture.seconds() + MINUTE - least));
            int free = written.nextClearBit(at);
            int rows = Math.min(1 + random.nextInt(5), nextTaken(written, free) - free);
            fixture.sources.write(fixture.cpu, free, rows);
            written.set(free, free + rows);
            if (random.nextInt(4) == 0) {
                fixture.sources.flush(fixture.cpu);
            }
        }
    }

    private static int nextTaken(BitSet written, int free) {
        int taken = written.nextSetBit(free);
        return taken < 0 ? Integer.MAX_VALUE : taken;
    }

    private void everyWindowIsThereOnceAtMost(long seed) {
        List<String> windows = fixture.byHost().stream()
                .map(row -> row.substring(0, row.indexOf(' ', row.indexOf(' ') + 1)))
                .toList();
        assertThat(windows).as("seed %d", seed).doesNotHaveDuplicates();
    }

    /** What the windows up to the watermark should have come to. */
    private List<String> model(BitSet written) {
        TreeMap<Integer, long[][]> windows = new TreeMap<>();
        long end = fixture.query().watermarkMicros() / 1_000_000;
        written.stream().filter(second -> second < end).forEach(second -> {
            long[] cell = windows.computeIfAbsent(second / MINUTE * MINUTE, any -> new long[2][2])[second % 2];
            cell[0]++;
            cell[1] += second;
        });
        List<String> rows = new ArrayList<>();
        windows.forEach((start, hosts) -> {
            for (int host = 0; host < 2; host++) {
                if (hosts[host][0] > 0) {
                    rows.add(start + " " + "ab".charAt(host) + " " + hosts[host][0] + " " + hosts[host][1]);
                }
            }
        });
        return rows;
    }
}
