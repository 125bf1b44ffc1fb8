package io.weir.query.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.query.result.ResultFormat;
import io.weir.query.result.compress.ResultCompression;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class QueryCacheSettingsTest {

    private static QueryCacheSettings bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("weir.query.cache", QueryCacheSettings.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        QueryCacheSettings defaults = bind(Map.of());
        assertThat(defaults)
                .isEqualTo(new QueryCacheSettings(
                        true,
                        DataSize.ofBytes(0),
                        DataSize.ofMegabytes(4),
                        10_000,
                        1_000,
                        Duration.ofMinutes(10),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(15),
                        List.of()));
        assertThat(defaults.memoryBytes()).isEqualTo(Runtime.getRuntime().maxMemory() / 16);
    }

    @Test
    void everyKeyIsRead() {
        QueryCacheSettings settings = bind(Map.ofEntries(
                Map.entry("weir.query.cache.enabled", "false"),
                Map.entry("weir.query.cache.memory", "8MB"),
                Map.entry("weir.query.cache.max-result", "3MB"),
                Map.entry("weir.query.cache.entries", "4"),
                Map.entry("weir.query.cache.entries-per-organisation", "5"),
                Map.entry("weir.query.cache.ttl", "6s"),
                Map.entry("weir.query.cache.sweep", "7s"),
                Map.entry("weir.query.cache.warm-every", "8s"),
                Map.entry("weir.query.cache.warm[0].name", "load"),
                Map.entry("weir.query.cache.warm[0].sql", "SELECT 1"),
                Map.entry("weir.query.cache.warm[1].name", "more"),
                Map.entry("weir.query.cache.warm[1].organisation", "o"),
                Map.entry("weir.query.cache.warm[1].db", "d"),
                Map.entry("weir.query.cache.warm[1].sql", "SELECT 2"),
                Map.entry("weir.query.cache.warm[1].format", "csv"),
                Map.entry("weir.query.cache.warm[1].compression", "none")));
        assertThat(settings)
                .isEqualTo(new QueryCacheSettings(
                        false,
                        DataSize.ofMegabytes(8),
                        DataSize.ofMegabytes(3),
                        4,
                        5,
                        Duration.ofSeconds(6),
                        Duration.ofSeconds(7),
                        Duration.ofSeconds(8),
                        List.of(
                                new WarmQuery(
                                        "load",
                                        "default",
                                        "default",
                                        "SELECT 1",
                                        ResultFormat.JSON,
                                        ResultCompression.GZIP),
                                new WarmQuery(
                                        "more", "o", "d", "SELECT 2", ResultFormat.CSV, ResultCompression.NONE))));
        assertThat(settings.memoryBytes()).isEqualTo(8 << 20);
        assertThat(settings.maxResultBytes()).as("a quarter of all").isEqualTo(2 << 20);
    }

    @ParameterizedTest
    @CsvSource({
        "memory, -1B",
        "max-result, 0B",
        "entries, 0",
        "entries-per-organisation, 0",
        "ttl, 0s",
        "sweep, 0s",
        "warm-every, 0s"
    })
    void wrongValuesAreNamed(String key, String value) {
        assertThatThrownBy(() -> bind(Map.of("weir.query.cache." + key, value)))
                .isInstanceOf(BindException.class)
                .rootCause()
                .hasMessageStartingWith("weir.query.cache." + key + " is ");
    }

    @Test
    void aWarmQueryHasANameAndAStatement() {
        assertThatThrownBy(() -> bind(Map.of("weir.query.cache.warm[0].name", "x")))
                .rootCause()
                .hasMessage("weir.query.cache.warm has a query whose sql is missing or empty");
        assertThatThrownBy(() -> bind(Map.of("weir.query.cache.warm[0].sql", "x")))
                .rootCause()
                .hasMessage("weir.query.cache.warm has a query whose name is missing or empty");
    }
}
