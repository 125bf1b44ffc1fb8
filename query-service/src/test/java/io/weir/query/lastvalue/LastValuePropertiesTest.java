package io.weir.query.lastvalue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class LastValuePropertiesTest {

    private static LastValueProperties bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("weir.last-values", LastValueProperties.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(bind(Map.of()))
                .isEqualTo(new LastValueProperties(
                        true, DataSize.ofMegabytes(64), Duration.ofHours(1), DataSize.ofGigabytes(4)));
    }

    @Test
    void everyKeyIsRead() {
        assertThat(bind(Map.of(
                        "weir.last-values.enabled", "false",
                        "weir.last-values.memory", "3MB",
                        "weir.last-values.idle", "4m",
                        "weir.last-values.rebuild-size", "5KB")))
                .isEqualTo(new LastValueProperties(
                        false, DataSize.ofMegabytes(3), Duration.ofMinutes(4), DataSize.ofKilobytes(5)));
    }

    @ParameterizedTest
    @CsvSource({"memory, 0B", "idle, 0s", "idle, -1s", "rebuild-size, 0B"})
    void valuesThatMakeNoSenseAreRefused(String key, String value) {
        assertThatThrownBy(() -> bind(Map.of("weir.last-values." + key, value)))
                .isInstanceOf(BindException.class)
                .hasRootCauseInstanceOf(IllegalArgumentException.class)
                .rootCause()
                .hasMessageContaining("weir.last-values." + key + " is ")
                .hasMessageContaining("(expected: more than 0)");
    }
}
