package io.weir.common.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.health.HealthSettings;
import io.weir.common.pressure.PressureSettings;
import io.weir.common.trace.TraceSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

/** Settings of metrics, health, pressure and tracing: defaults, every key, every refusal. */
class MetricsSettingsTest {

    private static <T> T bind(String prefix, Class<T> type, String... pairs) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(prefix + "." + pairs[i], pairs[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(map)).bindOrCreate(prefix, type);
    }

    @Test
    void defaults() {
        assertThat(bind("weir.metrics", MetricsSettings.class))
                .isEqualTo(new MetricsSettings(
                        1_000,
                        10_000,
                        3,
                        new MetricsSettings.History(
                                true, Duration.ofSeconds(15), Duration.ofHours(24), DataSize.ofMegabytes(16))));
        assertThat(bind("weir.health", HealthSettings.class))
                .isEqualTo(new HealthSettings(
                        Duration.ofSeconds(5),
                        Set.of("wal", "disk", "catalog", "credentials"),
                        3,
                        DataSize.ofMegabytes(256),
                        Duration.ofSeconds(60)));
        assertThat(bind("weir.pressure", PressureSettings.class))
                .isEqualTo(new PressureSettings(true, 0.9, 0.8, Duration.ofSeconds(1)));
        assertThat(bind("weir.tracing", TraceSettings.class))
                .isEqualTo(new TraceSettings(
                        false, "http://127.0.0.1:4318/v1/traces", Map.of(), 0.1, Duration.ofSeconds(10), 2_048));
    }

    @Test
    void everyKeyIsMapped() {
        assertThat(bind(
                        "weir.metrics",
                        MetricsSettings.class,
                        "max-series-per-name",
                        "2",
                        "max-series",
                        "3",
                        "warn-after",
                        "4",
                        "history.enabled",
                        "false",
                        "history.interval",
                        "5s",
                        "history.age",
                        "6h",
                        "history.memory",
                        "7MB"))
                .isEqualTo(new MetricsSettings(
                        2,
                        3,
                        4,
                        new MetricsSettings.History(
                                false, Duration.ofSeconds(5), Duration.ofHours(6), DataSize.ofMegabytes(7))));
        assertThat(bind(
                        "weir.health",
                        HealthSettings.class,
                        "interval",
                        "1s",
                        "required",
                        "store",
                        "failures",
                        "2",
                        "min-free",
                        "3MB",
                        "stuck-after",
                        "4s"))
                .isEqualTo(new HealthSettings(
                        Duration.ofSeconds(1), Set.of("store"), 2, DataSize.ofMegabytes(3), Duration.ofSeconds(4)));
        assertThat(bind(
                        "weir.pressure",
                        PressureSettings.class,
                        "enabled",
                        "false",
                        "high",
                        "0.7",
                        "low",
                        "0.6",
                        "interval",
                        "2s"))
                .isEqualTo(new PressureSettings(false, 0.7, 0.6, Duration.ofSeconds(2)));
        TraceSettings tracing = bind(
                "weir.tracing",
                TraceSettings.class,
                "enabled",
                "true",
                "endpoint",
                "https://otel:4318/v1/traces",
                "headers.authorization",
                "secret",
                "sampling",
                "0.5",
                "timeout",
                "2s",
                "queue",
                "3");
        assertThat(tracing)
                .isEqualTo(new TraceSettings(
                        true,
                        "https://otel:4318/v1/traces",
                        Map.of("authorization", "secret"),
                        0.5,
                        Duration.ofSeconds(2),
                        3));
        assertThat(tracing.toString()).doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({
        "metrics, max-series-per-name, 0",
        "metrics, max-series, 0",
        "metrics, warn-after, 0",
        "metrics, history.interval, 1ms",
        "metrics, history.age, 1s",
        "metrics, history.memory, 1KB",
        "health, interval, 1ms",
        "health, failures, -1",
        "health, min-free, -1B",
        "health, stuck-after, -1s",
        "pressure, high, 1.5",
        "pressure, low, 0.95",
        "pressure, interval, 1ms",
        "tracing, endpoint, ftp://x",
        "tracing, sampling, 2",
        "tracing, timeout, 0s",
        "tracing, queue, 0",
    })
    void whatCannotBeIsRefusedByItsKey(String feature, String key, String value) {
        Class<?> type = Map.<String, Class<?>>of(
                        "metrics", MetricsSettings.class,
                        "health", HealthSettings.class,
                        "pressure", PressureSettings.class,
                        "tracing", TraceSettings.class)
                .get(feature);
        assertThatThrownBy(() -> bind("weir." + feature, type, key, value))
                .hasRootCauseInstanceOf(IllegalArgumentException.class)
                .rootCause()
                .hasMessageContaining("weir." + feature + "." + key + " is ")
                .hasMessageContaining("(expected: ");
    }
}
