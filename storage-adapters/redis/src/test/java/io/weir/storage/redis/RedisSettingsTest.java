package io.weir.storage.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisURI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class RedisSettingsTest {

    static RedisSettings settings(String... pairs) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put("weir.redis." + pairs[i], pairs[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(map)).bindOrCreate("weir.redis", RedisSettings.class);
    }

    @Test
    void defaultsSuit() {
        assertThat(settings())
                .isEqualTo(new RedisSettings(
                        "",
                        "",
                        "",
                        "",
                        "weir",
                        Duration.ofSeconds(2),
                        Duration.ofMillis(500),
                        Duration.ofMillis(50),
                        1000,
                        64,
                        Duration.ofSeconds(2),
                        DataSize.ofMegabytes(1),
                        Duration.ofSeconds(30),
                        true,
                        true,
                        true));
        assertThat(settings().authorities()).isNull();
    }

    @Test
    void everySettingIsRead() { // LESSONS 47
        RedisSettings settings = settings(
                "url", "rediss://redis.example:6390/3",
                "username", "weir-user",
                "password", "very-secret",
                "ca-file", "/etc/ca.pem",
                "prefix", "plant:7",
                "connect-timeout", "3s",
                "timeout", "1s",
                "cache-timeout", "20ms",
                "requests", "7",
                "cache-requests", "8",
                "open-for", "9s",
                "max-value", "2KB",
                "memory-poll", "10s",
                "cache", "false",
                "rate-limits", "false",
                "signals", "false");
        assertThat(settings)
                .isEqualTo(new RedisSettings(
                        "rediss://redis.example:6390/3",
                        "weir-user",
                        "very-secret",
                        "/etc/ca.pem",
                        "plant:7",
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(1),
                        Duration.ofMillis(20),
                        7,
                        8,
                        Duration.ofSeconds(9),
                        DataSize.ofKilobytes(2),
                        Duration.ofSeconds(10),
                        false,
                        false,
                        false));
        assertThat(settings.authorities()).isEqualTo(Path.of("/etc/ca.pem"));
        RedisURI uri = settings.uri();
        assertThat(uri.isSsl()).isTrue();
        assertThat(uri.isVerifyPeer()).isTrue();
        assertThat(uri.getHost() + ":" + uri.getPort() + "/" + uri.getDatabase())
                .isEqualTo("redis.example:6390/3");
        assertThat(uri.getTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(uri.getCredentialsProvider().resolveCredentials().block()).satisfies(credentials -> {
            assertThat(credentials.getUsername()).isEqualTo("weir-user");
            assertThat(new String(credentials.getPassword())).isEqualTo("very-secret");
        });
        assertThat(settings.toString())
                .isEqualTo("RedisSettings[redis.example:6390]")
                .doesNotContain("secret", "weir-user");
    }

    @Test
    void aPasswordOfItsOwnIsEnough() {
        assertThat(settings("url", "redis://h", "password", "p")
                        .uri()
                        .getCredentialsProvider()
                        .resolveCredentials()
                        .block()
                        .getPassword())
                .containsExactly('p');
    }

    @ParameterizedTest
    @CsvSource({
        "url,http://127.0.0.1:6379",
        "url,redis://",
        "url,redis://user:hush@ho st:1",
        "prefix,a b",
        "prefix,''",
        "connect-timeout,0s",
        "timeout,-1s",
        "cache-timeout,0ms",
        "open-for,0s",
        "memory-poll,0s",
        "requests,0",
        "cache-requests,0",
        "max-value,0B",
        "max-value,65MB",
    })
    void aValueOutsideItsBoundsIsNamedAndNoSecretShown(String key, String value) {
        assertThatThrownBy(() -> settings(key, value))
                .rootCause()
                .hasMessageContaining("weir.redis." + key)
                .hasMessageContaining("(expected:")
                .hasMessageNotContaining("hush");
    }
}
