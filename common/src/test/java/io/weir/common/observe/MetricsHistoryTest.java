package io.weir.common.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** What is remembered of metrics, against a plain list of what was added. REQUIREMENTS O2. */
class MetricsHistoryTest {

    private static MetricsHistory history(Duration age, DataSize memory) {
        return new MetricsHistory(new MetricsSettings.History(true, Duration.ofSeconds(15), age, memory));
    }

    @Test
    void whatWasAddedIsFoundAsItWas() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        MetricsHistory history = history(Duration.ofHours(24), DataSize.ofMegabytes(16));
        List<Double> expected = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            double value = random.nextInt(4) == 0 ? random.nextGaussian() * 1e9 : 5;
            expected.add(value);
            String late = i < 500 ? "" : "late{a=\"1\",b=\"x } y\"} +Inf\n";
            history.add(
                    i * 15_000L,
                    "# HELP a text\na " + value + "\na_other 1.0\nb_bucket{le=\"1\"} 5\nb_count 3\n" + late);
        }
        List<MetricsHistory.Series> found = history.find("a", 0, Long.MAX_VALUE, 1, 10);
        assertThat(found).as("seed " + seed).hasSize(1);
        assertThat(found.get(0).values()).isEqualTo(expected);
        assertThat(history.metrics()).containsExactly("a", "a_other", "b_count", "late");
        MetricsHistory.Series late =
                history.find("late", 0, Long.MAX_VALUE, 1, 10).get(0);
        assertThat(late.name()).isEqualTo("late{a=\"1\",b=\"x } y\"}");
        assertThat(late.timesMillis().get(0)).isEqualTo(500 * 15_000L);
        assertThat(late.values()).hasSize(500).containsOnly(Double.POSITIVE_INFINITY);
        assertThat(history.find("a", 15_000, 45_000, 1, 10).get(0).timesMillis())
                .containsExactly(15_000L, 30_000L);
        assertThat(history.find("a", 0, 15_000L * 1_000, 15_000L * 100, 10)
                        .get(0)
                        .timesMillis())
                .hasSize(10);
        assertThat(history.find("nothing", 0, Long.MAX_VALUE, 1, 10)).isEmpty();
    }

    @Test
    void theOldestGoByAge() {
        MetricsHistory history = history(Duration.ofHours(1), DataSize.ofMegabytes(16));
        for (int i = 0; i < 2_000; i++) {
            history.add(i * 15_000L, "a " + i + "\n");
        }
        List<Long> times = history.find("a", 0, Long.MAX_VALUE, 1, 10).get(0).timesMillis();
        assertThat(times.get(0)).isBetween(1_999 * 15_000L - 3_600_000 - 60 * 15_000, 1_999 * 15_000L - 3_600_000);
        assertThat(times.get(times.size() - 1)).isEqualTo(1_999 * 15_000L);
    }

    @Test
    void bytesAreBoundedWhateverTheValues() {
        Random random = new Random(5);
        MetricsHistory history = history(Duration.ofHours(24), DataSize.ofMegabytes(2));
        for (int i = 0; i < 400; i++) {
            StringBuilder text = new StringBuilder();
            for (int series = 0; series < 1_500; series++) {
                text.append("m{s=\"")
                        .append(series)
                        .append("\"} ")
                        .append(random.nextDouble())
                        .append('\n');
            }
            history.add(i * 15_000L, text.toString());
            assertThat(history.bytes()).isLessThanOrEqualTo(2 << 20);
        }
        assertThat(history.samples()).isGreaterThan(50);
    }

    @Test
    void aDayOfMetricsThatMostlyStandStillFits() {
        MetricsHistory history = history(Duration.ofHours(24), DataSize.ofMegabytes(16));
        for (int i = 0; i < 24 * 240; i++) {
            StringBuilder text = new StringBuilder();
            for (int series = 0; series < 500; series++) {
                text.append("m{s=\"").append(series).append("\"} ");
                text.append(series % 10 == 0 ? i * 17L + series : 42).append('\n');
            }
            history.add(i * 15_000L, text.toString());
        }
        assertThat(history.samples()).isEqualTo(24 * 240);
        assertThat(history.bytes()).isLessThan(8 << 20);
    }
}
