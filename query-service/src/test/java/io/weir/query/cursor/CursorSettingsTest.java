package io.weir.query.cursor;

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

class CursorSettingsTest {

    private static CursorSettings bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("weir.query.cursor", CursorSettings.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(bind(Map.of()))
                .isEqualTo(new CursorSettings(
                        Duration.ofMinutes(5),
                        Duration.ofHours(1),
                        1_000,
                        100,
                        DataSize.ofGigabytes(4),
                        DataSize.ofGigabytes(1),
                        1_000_000,
                        Duration.ofSeconds(10)));
    }

    @Test
    void everyKeyIsRead() {
        assertThat(bind(Map.of(
                        "weir.query.cursor.ttl", "1s",
                        "weir.query.cursor.max-age", "2s",
                        "weir.query.cursor.max-cursors", "3",
                        "weir.query.cursor.max-per-organisation", "4",
                        "weir.query.cursor.max-bytes", "5MB",
                        "weir.query.cursor.bytes-per-organisation", "6MB",
                        "weir.query.cursor.max-page-rows", "7",
                        "weir.query.cursor.sweep", "8s")))
                .isEqualTo(new CursorSettings(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        3,
                        4,
                        DataSize.ofMegabytes(5),
                        DataSize.ofMegabytes(6),
                        7,
                        Duration.ofSeconds(8)));
    }

    @ParameterizedTest
    @CsvSource({
        "ttl, 0s",
        "max-age, 1s",
        "max-cursors, 0",
        "max-per-organisation, 0",
        "max-bytes, 0B",
        "bytes-per-organisation, 0B",
        "max-page-rows, 0",
        "sweep, 0s"
    })
    void wrongValuesAreNamed(String key, String value) {
        assertThatThrownBy(() -> bind(Map.of("weir.query.cursor." + key, value)))
                .isInstanceOf(BindException.class)
                .rootCause()
                .hasMessageStartingWith("weir.query.cursor." + key + " is ");
    }
}
