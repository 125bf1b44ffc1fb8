package io.weir.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MemoryTrendTest {

    private final MemoryTrend trend = new MemoryTrend();

    @Test
    void aSteadyGrowthIsItsSlope() {
        for (int minute = 0; minute <= 120; minute++) {
            trend.add(minute * 60, 1_000 + minute);
        }
        assertThat(trend.megabytesAnHour()).isCloseTo(60, within(0.01));
        assertThat(trend.growthMegabytes()).isCloseTo(73, within(2.0));
    }

    @Test
    void whatAServerTakesAtTheBeginningDoesNotCount() {
        for (int minute = 0; minute <= 90; minute++) {
            trend.add(minute * 60, minute < 30 ? 500 + 20 * minute : 1_100 + minute % 2);
        }
        assertThat(trend.megabytesAnHour()).isCloseTo(0, within(1.0));
        assertThat(trend.peakMegabytes()).isEqualTo(1_101);
    }

    @Test
    void fewSamplesSayNothing() {
        trend.add(0, 1);
        trend.add(1, 1_000);
        assertThat(trend.megabytesAnHour()).isZero();
    }
}
