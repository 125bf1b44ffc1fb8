package io.weir.storage.hot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** LESSONS 47: the internal port is set, and checked by name; its token is compared and never shown. */
class InternalSettingsTest {

    private static final String TOKEN = "a-token-of-16-characters";

    private static InternalSettings bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("weir.internal", InternalSettings.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(bind(Map.of())).isEqualTo(new InternalSettings("127.0.0.1", 8088, "", 64, Duration.ofSeconds(30)));
    }

    @Test
    void everySettingIsRead() {
        InternalSettings settings = bind(Map.of(
                "weir.internal.address", "0.0.0.0",
                "weir.internal.port", "1",
                "weir.internal.token", TOKEN,
                "weir.internal.max-requests", "2",
                "weir.internal.timeout", "3s"));
        assertThat(settings).isEqualTo(new InternalSettings("0.0.0.0", 1, TOKEN, 2, Duration.ofSeconds(3)));
        assertThat(settings.toString()).doesNotContain(TOKEN);
    }

    @ParameterizedTest
    @CsvSource({
        "address, '', an address",
        "port, 65536, 0 to 65535",
        "port, -1, 0 to 65535",
        "token, short, at least 16 characters",
        "token, with spaces in the middle, visible ASCII",
        "max-requests, 0, at least 1",
        "timeout, 0s, above 0",
    })
    void whatCannotWorkIsRefusedByName(String key, String value, String expected) {
        assertThatThrownBy(() -> bind(Map.of("weir.internal." + key, value)))
                .rootCause()
                .hasMessageContaining("weir.internal." + key + " is ")
                .hasMessageContaining(expected);
    }

    @Test
    void onlyTheTokenItselfIsAdmitted() {
        InternalSettings settings = bind(Map.of("weir.internal.token", TOKEN));
        assertThat(settings.admits("Bearer " + TOKEN)).isTrue();
        assertThat(settings.admits(null)).isFalse();
        assertThat(settings.admits("")).isFalse();
        assertThat(settings.admits("Bearer ")).isFalse();
        assertThat(settings.admits(TOKEN)).isFalse();
        assertThat(settings.admits("bearer " + TOKEN)).isFalse();
        assertThat(bind(Map.of()).admits("Bearer "))
                .as("without a token nobody is")
                .isFalse();
    }
}
