package io.weir.ingest.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

/** REQUIREMENTS L3; LESSONS 47. */
class RewriteSettingsTest {

    private static final String PREFIX = "weir.delete.rewrite";

    private static RewriteSettings bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate(PREFIX, RewriteSettings.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(bind(Map.of()))
                .isEqualTo(new RewriteSettings(
                        true,
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(2),
                        DataSize.ofMegabytes(128),
                        DataSize.ofMegabytes(256),
                        Duration.ofMinutes(30),
                        Duration.ofDays(7)));
    }

    @Test
    void everyKeyIsRead() {
        assertThat(bind(Map.of(
                        PREFIX + ".enabled", "false",
                        PREFIX + ".interval", "1s",
                        PREFIX + ".lease", "2s",
                        PREFIX + ".memory", "3MB",
                        PREFIX + ".engine-memory", "65MB",
                        PREFIX + ".timeout", "4s",
                        PREFIX + ".history", "5s")))
                .isEqualTo(new RewriteSettings(
                        false,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        DataSize.ofMegabytes(3),
                        DataSize.ofMegabytes(65),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(5)));
    }

    @ParameterizedTest
    @CsvSource({
        "interval, 0s",
        "lease, 299ms",
        "memory, 0B",
        "engine-memory, 63MB",
        "timeout, 0s",
        "history, 0s",
    })
    void whatCannotBeIsRefusedByName(String key, String value) {
        assertThatThrownBy(() -> bind(Map.of(PREFIX + "." + key, value)))
                .rootCause()
                .hasMessageContaining(PREFIX + "." + key + " is ")
                .hasMessageContaining("(expected: ");
    }
}
