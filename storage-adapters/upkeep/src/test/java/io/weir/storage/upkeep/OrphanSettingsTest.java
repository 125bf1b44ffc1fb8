package io.weir.storage.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class OrphanSettingsTest {

    private static OrphanSettings bind(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("weir.orphans", OrphanSettings.class);
    }

    @Test
    void defaults() {
        assertThat(bind(Map.of())).isEqualTo(new OrphanSettings(true, Duration.ofHours(1), Duration.ofDays(1)));
    }

    @Test
    void everySettingIsRead() {
        assertThat(bind(Map.of(
                        "weir.orphans.enabled", "false",
                        "weir.orphans.interval", "2m",
                        "weir.orphans.grace", "3d")))
                .isEqualTo(new OrphanSettings(false, Duration.ofMinutes(2), Duration.ofDays(3)));
    }

    @Test
    void timesMustBePositive() {
        for (String key : new String[] {"interval", "grace"}) {
            assertThatThrownBy(() -> bind(Map.of("weir.orphans." + key, "0s")))
                    .rootCause()
                    .hasMessageContaining("weir.orphans." + key + " is PT0S (expected: more than 0)");
        }
    }
}
