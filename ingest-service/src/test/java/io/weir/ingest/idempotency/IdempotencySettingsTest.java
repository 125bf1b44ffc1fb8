package io.weir.ingest.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class IdempotencySettingsTest {

    private static IdempotencySettings bind(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("weir.ingest", IdempotencySettings.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(IdempotencySettings.defaults()).isEqualTo(bind(Map.of()));
        assertThat(bind(Map.of()))
                .isEqualTo(new IdempotencySettings(
                        Duration.ofMinutes(10), DataSize.ofMegabytes(32), Duration.ofSeconds(30)));
    }

    @Test
    void everySettingIsBound() { // LESSONS 47
        assertThat(bind(Map.of(
                        "weir.ingest.idempotency-ttl", "3m",
                        "weir.ingest.idempotency-memory", "5MB",
                        "weir.ingest.idempotency-wait", "7s")))
                .isEqualTo(
                        new IdempotencySettings(Duration.ofMinutes(3), DataSize.ofMegabytes(5), Duration.ofSeconds(7)));
    }

    @Test
    void aRefusedValueNamesItsKey() {
        assertRefused(Duration.ZERO, DataSize.ofBytes(1), Duration.ofSeconds(1), "idempotency-ttl");
        assertRefused(Duration.ofSeconds(1), DataSize.ofBytes(0), Duration.ofSeconds(1), "idempotency-memory");
        assertRefused(Duration.ofSeconds(1), DataSize.ofBytes(1), Duration.ofSeconds(-1), "idempotency-wait");
    }

    private static void assertRefused(Duration ttl, DataSize memory, Duration wait, String key) {
        assertThatThrownBy(() -> new IdempotencySettings(ttl, memory, wait))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.ingest." + key)
                .hasMessageContaining("more than 0");
    }
}
