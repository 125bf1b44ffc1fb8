package io.weir.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class AuthSettingsTest {

    static AuthSettings bind(String... pairs) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put("weir.auth." + pairs[i], pairs[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(map)).bindOrCreate("weir.auth", AuthSettings.class);
    }

    @Test
    void defaults() {
        assertThat(bind())
                .isEqualTo(new AuthSettings(
                        null,
                        false,
                        10,
                        10_000,
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(30),
                        Duration.ofMillis(500),
                        10_000));
    }

    @Test
    void everyKeyIsMapped() {
        assertThat(bind(
                        "enabled", "true",
                        "public-metrics", "true",
                        "hash-cost", "4",
                        "cache-size", "5",
                        "cache-ttl", "6s",
                        "cache-sweep", "7s",
                        "revision-poll", "80ms",
                        "audit-entries", "9"))
                .isEqualTo(new AuthSettings(
                        true, true, 4, 5, Duration.ofSeconds(6), Duration.ofSeconds(7), Duration.ofMillis(80), 9));
    }

    @ParameterizedTest
    @CsvSource({
        "hash-cost,3",
        "hash-cost,15",
        "cache-size,0",
        "cache-ttl,0s",
        "cache-ttl,2h",
        "cache-sweep,-1s",
        "revision-poll,2s",
        "audit-entries,0",
    })
    void aValueOutsideItsBoundsIsNamed(String key, String value) {
        assertThatThrownBy(() -> bind(key, value))
                .rootCause()
                .hasMessageStartingWith("weir.auth." + key + " is ")
                .hasMessageContaining("(expected: ");
    }
}
