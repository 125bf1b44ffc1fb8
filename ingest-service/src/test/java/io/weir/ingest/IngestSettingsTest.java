package io.weir.ingest;

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

/** LESSONS 47: the settings of flushing are read, and checked by name. */
class IngestSettingsTest {

    private static IngestSettings bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate("weir.ingest", IngestSettings.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        IngestSettings settings = bind(Map.of());
        assertThat(settings.flushAge()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.flushMaxAge()).isEqualTo(Duration.ofMinutes(10));
        assertThat(settings.flushMinSize()).isEqualTo(DataSize.ofMegabytes(1));
        assertThat(settings.flushSize()).isEqualTo(DataSize.ofMegabytes(32));
        assertThat(settings.flushTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.flushWait()).isEqualTo(Duration.ofSeconds(60));
        assertThat(settings.flushBackoff()).isEqualTo(Duration.ofMillis(500));
        assertThat(settings.stopPatience()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void everySettingOfFlushingIsRead() {
        IngestSettings settings = bind(Map.of(
                "weir.ingest.flush-age", "1s",
                "weir.ingest.flush-max-age", "2s",
                "weir.ingest.flush-min-size", "3KB",
                "weir.ingest.flush-size", "4KB",
                "weir.ingest.flush-timeout", "5s",
                "weir.ingest.flush-backoff", "6s",
                "weir.ingest.flush-wait", "8s",
                "weir.ingest.stop-patience", "7s"));
        assertThat(settings.flushAge()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.flushMaxAge()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.flushMinSize()).isEqualTo(DataSize.ofKilobytes(3));
        assertThat(settings.flushSize()).isEqualTo(DataSize.ofKilobytes(4));
        assertThat(settings.flushTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.flushBackoff()).isEqualTo(Duration.ofSeconds(6));
        assertThat(settings.flushWait()).isEqualTo(Duration.ofSeconds(8));
        assertThat(settings.stopPatience()).isEqualTo(Duration.ofSeconds(7));
    }

    @ParameterizedTest
    @CsvSource({
        "flush-max-age, 0s, more than 0",
        "flush-min-size, -1B, 0 or more",
        "flush-timeout, 0s, more than 0",
        "flush-backoff, 0s, more than 0",
        "flush-wait, 0s, more than 0",
        "stop-patience, 0s, more than 0"
    })
    void aWrongValueIsRefusedByName(String key, String value, String expected) {
        assertThatThrownBy(() -> bind(Map.of("weir.ingest." + key, value)))
                .rootCause()
                .hasMessageContaining("weir.ingest." + key)
                .hasMessageContaining(expected);
    }
}
