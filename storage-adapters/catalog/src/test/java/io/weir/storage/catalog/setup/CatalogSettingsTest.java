package io.weir.storage.catalog.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.storage.catalog.PoolLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class CatalogSettingsTest {

    private static CatalogSettings bind(String... pairs) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put("weir.catalog." + pairs[i], pairs[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(map)).bindOrCreate("weir.catalog", CatalogSettings.class);
    }

    @Test
    void defaultsAreSqliteAndTheDefaultsOfThePool() {
        CatalogSettings settings = bind();
        assertThat(settings.url()).isEmpty();
        assertThat(settings.username()).isEmpty();
        assertThat(settings.password()).isEmpty();
        assertThat(settings.place()).isEqualTo("SQLite in the data directory");
        assertThat(settings.limits(4)).isEqualTo(PoolLimits.of(4));
        assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(settings.startTimeout()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void everyKeyIsMapped() {
        CatalogSettings settings = bind(
                "url", "r2dbc:postgresql://u:p@db:5433/weir?schema=s",
                "username", "name",
                "password", "secret",
                "connections", "3",
                "pending", "4",
                "timeout", "5s",
                "connect-timeout", "6s",
                "acquire-timeout", "7s",
                "statement-timeout", "8s",
                "idle-time", "9s",
                "life-time", "10s",
                "start-timeout", "11s");
        assertThat(settings)
                .isEqualTo(new CatalogSettings(
                        "r2dbc:postgresql://u:p@db:5433/weir?schema=s",
                        "name",
                        "secret",
                        3,
                        4,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(6),
                        Duration.ofSeconds(7),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(9),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(11)));
        assertThat(settings.limits(16).connections()).isEqualTo(3);
        assertThat(settings.place()).isEqualTo("PostgreSQL at db:5433/weir");
        assertThat(settings.toString()).doesNotContain("secret", "u:p");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "url | jdbc:postgresql://u:topsecret@h/d | weir.catalog.url is not a URL (expected: r2dbc:postgresql://",
                "url | r2dbc:mysql://h/d | weir.catalog.url is one of mysql (expected: r2dbc:postgresql://",
                "url | r2dbc:postgresql://h:5432 | weir.catalog.url is one without a database (expected:",
                "connections | -1 | weir.catalog.connections is -1 (expected: 0 or more)",
                "pending | -1 | weir.catalog.pending is -1 (expected: 0 or more)",
                "timeout | 0s | weir.catalog.timeout is PT0S (expected: more than 0)",
                "connect-timeout | 0s | weir.catalog.connect-timeout is PT0S (expected: more than 0)",
                "acquire-timeout | 0s | weir.catalog.acquire-timeout is PT0S (expected: more than 0)",
                "statement-timeout | 0s | weir.catalog.statement-timeout is PT0S (expected: more than 0)",
                "idle-time | 0s | weir.catalog.idle-time is PT0S (expected: more than 0)",
                "life-time | 0s | weir.catalog.life-time is PT0S (expected: more than 0)",
                "start-timeout | -1s | weir.catalog.start-timeout is PT-1S (expected: 0 or more)",
            })
    void aValueThatCannotBeIsNamed(String key, String value, String message) {
        assertThatThrownBy(() -> bind(key, value))
                .rootCause()
                .hasMessageContaining(message)
                .hasMessageNotContaining("topsecret");
    }
}
