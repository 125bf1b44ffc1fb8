package io.weir.query.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class TailSettingsTest {

    static TailSettings bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate("weir.tail", TailSettings.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(bind(Map.of()))
                .isEqualTo(new TailSettings(
                        true,
                        1_000,
                        100,
                        DataSize.ofMegabytes(64),
                        DataSize.ofMegabytes(8),
                        DataSize.ofMegabytes(1),
                        DataSize.ofKilobytes(64),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(1),
                        Duration.ofHours(1),
                        Duration.ofDays(1),
                        Duration.ofSeconds(1),
                        20,
                        List.of()));
    }

    @Test
    void everyKeyIsRead() {
        assertThat(bind(Map.ofEntries(
                        Map.entry("weir.tail.enabled", "false"),
                        Map.entry("weir.tail.max-subscriptions", "2"),
                        Map.entry("weir.tail.max-per-room", "3"),
                        Map.entry("weir.tail.memory", "7MB"),
                        Map.entry("weir.tail.room-buffer", "6MB"),
                        Map.entry("weir.tail.reader-buffer", "5MB"),
                        Map.entry("weir.tail.frame-size", "4MB"),
                        Map.entry("weir.tail.ping-interval", "8s"),
                        Map.entry("weir.tail.ping-timeout", "9s"),
                        Map.entry("weir.tail.stall-timeout", "10s"),
                        Map.entry("weir.tail.idle-timeout", "11s"),
                        Map.entry("weir.tail.max-age", "12s"),
                        Map.entry("weir.tail.sweep", "13s"),
                        Map.entry("weir.tail.room-gauges", "14"),
                        Map.entry("weir.tail.allowed-origins", "https://a.example,https://b.example"))))
                .isEqualTo(new TailSettings(
                        false,
                        2,
                        3,
                        DataSize.ofMegabytes(7),
                        DataSize.ofMegabytes(6),
                        DataSize.ofMegabytes(5),
                        DataSize.ofMegabytes(4),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(9),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(11),
                        Duration.ofSeconds(12),
                        Duration.ofSeconds(13),
                        14,
                        List.of("https://a.example", "https://b.example")));
    }

    @ParameterizedTest
    @CsvSource({
        "max-subscriptions, 0",
        "max-per-room, 0",
        "memory, 1MB",
        "room-buffer, 1KB",
        "reader-buffer, 1KB",
        "frame-size, 10B",
        "ping-interval, 0s",
        "ping-timeout, 0s",
        "stall-timeout, 0s",
        "idle-timeout, -1s",
        "max-age, 0s",
        "sweep, 0s",
        "room-gauges, -1"
    })
    void wrongValuesAreNamed(String key, String value) {
        assertThatThrownBy(() -> bind(Map.of("weir.tail." + key, value)))
                .rootCause()
                .hasMessageContaining("weir.tail." + key);
    }
}
