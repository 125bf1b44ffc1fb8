package io.weir.query.continuous;

import static io.weir.query.continuous.ContinuousFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

class ContinuousSettingsTest {

    @Test
    void defaultsSuitAServerThatNobodyConfigured() {
        assertThat(settings())
                .isEqualTo(new ContinuousSettings(
                        true,
                        Duration.ofSeconds(1),
                        2,
                        32,
                        Duration.ofMinutes(5),
                        1_000_000,
                        DataSize.ofMegabytes(64),
                        Duration.ofMinutes(1),
                        100));
    }

    @Test
    void everySettingIsRead() {
        assertThat(settings(
                        "enabled",
                        "false",
                        "interval",
                        "3s",
                        "parallelism",
                        "4",
                        "windows",
                        "5",
                        "timeout",
                        "6s",
                        "max-rows",
                        "7",
                        "max-memory",
                        "8MB",
                        "lease",
                        "9s",
                        "history",
                        "10"))
                .isEqualTo(new ContinuousSettings(
                        false,
                        Duration.ofSeconds(3),
                        4,
                        5,
                        Duration.ofSeconds(6),
                        7,
                        DataSize.ofMegabytes(8),
                        Duration.ofSeconds(9),
                        10));
    }

    @ParameterizedTest
    @CsvSource({
        "interval, 0s",
        "parallelism, 0",
        "parallelism, 65",
        "windows, 0",
        "timeout, 0s",
        "max-rows, 0",
        "max-memory, 0B",
        "lease, 299ms",
        "history, 0",
        "history, 1001",
    })
    void whatMakesNoSenseIsRefusedByName(String key, String value) {
        assertThatThrownBy(() -> settings(key, value))
                .rootCause()
                .hasMessageStartingWith("weir.continuous-queries." + key + " is ")
                .hasMessageContaining("(expected: ");
    }
}
