package io.weir.ingest.wal;

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

class WalSettingsTest {

    private static WalSettings bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate("weir.wal", WalSettings.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(bind(Map.of())).isEqualTo(WalSettings.defaults());
    }

    @Test
    void everySettingIsRead() {
        WalSettings settings = bind(Map.of(
                "weir.wal.sync", "fdatasync",
                "weir.wal.sync-interval", "20ms",
                "weir.wal.segment-size", "16MB",
                "weir.wal.spare-segments", "5",
                "weir.wal.max-queue", "8MB",
                "weir.wal.retry-interval", "3s",
                "weir.wal.max-size", "70MB",
                "weir.wal.trim-after", "5s",
                "weir.wal.quarantine-size", "7MB"));
        assertThat(settings)
                .isEqualTo(new WalSettings(
                        SyncMode.FDATASYNC,
                        Duration.ofMillis(20),
                        DataSize.ofMegabytes(16),
                        5,
                        DataSize.ofMegabytes(8),
                        Duration.ofSeconds(3),
                        DataSize.ofMegabytes(70),
                        Duration.ofSeconds(5),
                        DataSize.ofMegabytes(7)));
    }

    @ParameterizedTest
    @CsvSource({
        "sync-interval, 0ms, more than 0",
        "segment-size, 1KB, 4KB to 1GB",
        "segment-size, 2GB, 4KB to 1GB",
        "segment-size, 5001B, a multiple of 8 bytes",
        "spare-segments, -1, 0 or more",
        "max-queue, 0B, more than 0",
        "retry-interval, -1s, 0 or more",
        "max-size, 255MB, 'at least 4 times weir.wal.segment-size, 67108864B'",
        "trim-after, 0s, more than 0",
        "quarantine-size, -1B, 0 or more"
    })
    void aWrongValueIsRefusedByName(String key, String value, String expected) {
        assertThatThrownBy(() -> bind(Map.of("weir.wal." + key, value)))
                .rootCause()
                .hasMessageContaining("weir.wal." + key)
                .hasMessageContaining(expected);
    }
}
