package io.weir.ingest.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RetentionSettingsTest {

    private static RetentionSettings settings(Map<String, String> map) {
        return new Binder(new MapConfigurationPropertySource(map))
                .bindOrCreate("weir.retention", RetentionSettings.class);
    }

    @Test
    void defaultsSuitAServerThatNobodyConfigured() {
        assertThat(settings(Map.of()))
                .isEqualTo(new RetentionSettings(true, Duration.ofSeconds(10), Duration.ofMinutes(1), 100, 0.25));
    }

    @Test
    void everySettingIsRead() {
        assertThat(settings(Map.of(
                        "weir.retention.enabled", "false",
                        "weir.retention.interval", "3s",
                        "weir.retention.lease", "5s",
                        "weir.retention.history", "7",
                        "weir.retention.rewrite-share", "0.5")))
                .isEqualTo(new RetentionSettings(false, Duration.ofSeconds(3), Duration.ofSeconds(5), 7, 0.5));
    }

    @ParameterizedTest
    @CsvSource({"interval, 0s", "lease, 299ms", "history, 0", "history, 1001", "rewrite-share, 0", "rewrite-share, 1.01"
    })
    void whatMakesNoSenseIsRefusedByName(String key, String value) {
        assertThatThrownBy(() -> settings(Map.of("weir.retention." + key, value)))
                .rootCause()
                .hasMessageStartingWith("weir.retention." + key + " is ")
                .hasMessageContaining("(expected: ");
    }
}
