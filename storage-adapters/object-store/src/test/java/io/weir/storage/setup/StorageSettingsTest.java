package io.weir.storage.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.gcs.GcsSettings;
import io.weir.storage.object.ConnectionLimits;
import io.weir.storage.object.KeyPrefix;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.resilience.BreakerLimits;
import io.weir.storage.resilience.ResilienceSettings;
import io.weir.storage.resilience.RetryLimits;
import io.weir.storage.resilience.TimeLimits;
import io.weir.storage.s3.S3Credentials;
import io.weir.storage.s3.S3Encryption;
import io.weir.storage.s3.S3Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class StorageSettingsTest {

    private static StorageSettings bind(String... pairs) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put("weir.storage." + pairs[i], pairs[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(map)).bindOrCreate("weir.storage", StorageSettings.class);
    }

    @Test
    void defaultsAreALocalStoreAndTheDefaultsOfEachPart() {
        StorageSettings settings = bind();
        assertThat(settings.type()).isEqualTo(StoreType.LOCAL);
        assertThat(settings.keyPrefix()).isEqualTo(KeyPrefix.of(""));
        assertThat(settings.connections().limits()).isEqualTo(ConnectionLimits.defaults());
        assertThat(settings.resilience()).isEqualTo(ResilienceSettings.defaults());
        assertThat(settings.cache().maxSize().toGigabytes()).isEqualTo(10);
        S3Settings s3 = settings.s3().settings(StoreType.S3, KeyPrefix.of(""), ConnectionLimits.defaults());
        assertThat(s3)
                .isEqualTo(new S3Settings(
                        Optional.empty(),
                        "us-east-1",
                        "",
                        KeyPrefix.of(""),
                        false,
                        new S3Credentials.Chain(),
                        new S3Encryption.BucketDefault(),
                        ConnectionLimits.defaults(),
                        S3Settings.DEFAULT_PART_BYTES,
                        1_000));
        assertThat(settings.gcs().settings(KeyPrefix.of(""), ConnectionLimits.defaults()))
                .isEqualTo(new GcsSettings(
                        GcsSettings.PUBLIC_ENDPOINT,
                        "",
                        KeyPrefix.of(""),
                        ConnectionLimits.defaults(),
                        16 << 20,
                        1_000));
    }

    @Test
    void everyKeyOfS3IsMapped() {
        StorageSettings settings = bind(
                "type",
                "s3",
                "prefix",
                "a/b",
                "max-calls",
                "7",
                "memory",
                "5MB",
                "cache.max-size",
                "3MB",
                "s3.endpoint",
                "https://s3.example",
                "s3.region",
                "r",
                "s3.bucket",
                "b",
                "s3.path-style",
                "true",
                "s3.credentials",
                "static",
                "s3.access-key",
                "k",
                "s3.secret-key",
                "s",
                "s3.session-token",
                "t",
                "s3.encryption",
                "kms",
                "s3.kms-key-id",
                "id",
                "s3.part-size",
                "6MB",
                "connections.max",
                "1",
                "connections.pending",
                "2",
                "connections.acquire-timeout",
                "3s",
                "connections.connect-timeout",
                "4s",
                "connections.silence-timeout",
                "5s",
                "connections.idle-time",
                "6s",
                "connections.life-time",
                "7s",
                "timeouts.enabled",
                "false",
                "timeouts.attempt",
                "8s",
                "timeouts.total",
                "9s",
                "timeouts.slowest-rate",
                "10B",
                "timeouts.adaptive",
                "false",
                "timeouts.floor",
                "21s",
                "retry.enabled",
                "false",
                "retry.attempts",
                "11",
                "retry.first-pause",
                "12s",
                "retry.longest-pause",
                "13s",
                "breaker.enabled",
                "false",
                "breaker.window",
                "14",
                "breaker.least-calls",
                "13",
                "breaker.failure-percent",
                "16",
                "breaker.slow-percent",
                "17",
                "breaker.slow-after",
                "18s",
                "breaker.open-for",
                "19s",
                "breaker.trials",
                "20");
        ConnectionLimits connections = new ConnectionLimits(
                1,
                2,
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                Duration.ofSeconds(5),
                Duration.ofSeconds(6),
                Duration.ofSeconds(7));
        assertThat(settings.s3()
                        .settings(
                                settings.type(),
                                settings.keyPrefix(),
                                settings.connections().limits()))
                .isEqualTo(new S3Settings(
                        Optional.of(URI.create("https://s3.example")),
                        "r",
                        "b",
                        KeyPrefix.of("a/b"),
                        true,
                        new S3Credentials.Static("k", "s", "t"),
                        new S3Encryption.Kms("id"),
                        connections,
                        6 << 20,
                        1_000));
        assertThat(settings.resilience())
                .isEqualTo(new ResilienceSettings(
                        new TimeLimits(
                                false, Duration.ofSeconds(8), Duration.ofSeconds(9), 10, false, Duration.ofSeconds(21)),
                        new RetryLimits(false, 11, Duration.ofSeconds(12), Duration.ofSeconds(13)),
                        new BreakerLimits(false, 14, 13, 16, 17, Duration.ofSeconds(18), Duration.ofSeconds(19), 20),
                        7,
                        5 << 20));
        assertThat(settings.cache().maxSize().toMegabytes()).isEqualTo(3);
        assertThat(settings.place()).isEqualTo("s3://b/a/b/ at https://s3.example");
        assertThat(settings.toString()).doesNotContain("secretKey", "s3.secret").doesNotContain("sessionToken");
    }

    @Test
    void minioIsS3WithItsDefaults() {
        StorageSettings settings = bind("type", "minio", "s3.endpoint", "http://minio:9000", "s3.bucket", "b");
        S3Settings s3 = settings.s3().settings(settings.type(), settings.keyPrefix(), ConnectionLimits.defaults());
        assertThat(s3.pathStyle()).isTrue();
        assertThat(s3.endpoint()).contains(URI.create("http://minio:9000"));
    }

    @Test
    void everyKindOfCredentialsAndEncryptionIsMapped() {
        Map<String, S3Credentials> credentials = Map.of(
                "chain", new S3Credentials.Chain(),
                "profile", new S3Credentials.Profile("p"),
                "web-identity", new S3Credentials.WebIdentity(),
                "instance", new S3Credentials.Instance());
        credentials.forEach((text, kind) -> assertThat(
                        s3("s3.credentials", text, "s3.profile", "p").credentials())
                .isEqualTo(kind));
        assertThat(s3("s3.encryption", "aes256").encryption()).isEqualTo(new S3Encryption.StoreKeys());
    }

    private static S3Settings s3(String... pairs) {
        return bind(pairs).s3().settings(StoreType.S3, KeyPrefix.of(""), ConnectionLimits.defaults());
    }

    @Test
    void everyKeyOfGcsIsMapped() {
        StorageSettings settings = bind(
                "type",
                "gcs",
                "prefix",
                "p",
                "gcs.bucket",
                "b",
                "gcs.endpoint",
                "http://gcs:1",
                "gcs.credentials",
                "file",
                "gcs.credentials-file",
                "no/such/file",
                "gcs.part-size",
                "512KB");
        assertThat(settings.gcs().settings(settings.keyPrefix(), ConnectionLimits.defaults()))
                .isEqualTo(new GcsSettings(
                        URI.create("http://gcs:1"),
                        "b",
                        KeyPrefix.of("p"),
                        ConnectionLimits.defaults(),
                        512 << 10,
                        1_000));
        assertThatThrownBy(() -> settings.gcs().load())
                .hasMessageStartingWith("weir.storage.gcs.credentials is file, and none can be loaded: ");
        assertThat(bind("gcs.credentials", "none").gcs().load()).isNull();
        assertThat(settings.place()).isEqualTo("gs://b/p/");
    }

    @ParameterizedTest
    @CsvSource({
        "prefix, a//b",
        "prefix, ../a",
        "prefix, /a",
        "max-calls, -1",
        "cache.max-size, 0B",
        "s3.part-size, 4MB",
        "s3.endpoint, minio",
        "gcs.part-size, 100KB",
        "gcs.endpoint, x",
        "connections.max, 0",
        "connections.pending, -1",
        "connections.acquire-timeout, 0s",
        "connections.connect-timeout, 0s",
        "connections.silence-timeout, 0s",
        "connections.idle-time, 0s",
        "connections.life-time, 0s",
        "timeouts.attempt, 0s",
        "timeouts.total, 1s",
        "timeouts.slowest-rate, 0B",
        "timeouts.floor, 0s",
        "retry.attempts, 0",
        "retry.first-pause, 0s",
        "retry.longest-pause, 1ms",
        "breaker.window, 0",
        "breaker.least-calls, 51",
        "breaker.failure-percent, 0",
        "breaker.slow-percent, 101",
        "breaker.slow-after, 0s",
        "breaker.open-for, 0s",
        "breaker.trials, 0",
        "memory, 0B",
    })
    void aWrongValueIsRefusedWithItsKey(String key, String value) {
        assertThatThrownBy(() -> bind(key, value))
                .hasStackTraceContaining("weir.storage." + key)
                .hasStackTraceContaining("expected: ");
    }

    @ParameterizedTest
    @CsvSource({"s3, s3.bucket, x, y", "minio, s3.endpoint, s3.bucket, b", "gcs, gcs.bucket, x, y"})
    void whatATypeNeedsIsNamed(String type, String missing, String key, String value) {
        assertThatThrownBy(() -> bind("type", type, key, value))
                .hasStackTraceContaining("weir.storage." + missing + " is not set (expected: ");
        assertThatThrownBy(() -> bind("type", "s3", "s3.bucket", "b", "s3.credentials", "static"))
                .hasStackTraceContaining("weir.storage.s3.access-key is not set");
    }

    @Test
    void aStoreIsOpenedForEachType(@TempDir Path directory) throws IOException {
        WeirSchedulers schedulers = WeirSchedulers.forCores(2);
        Path objects = Files.createDirectory(directory.resolve("objects"));
        Path cache = directory.resolve("cache");
        try (Stores local = Stores.open(bind(), objects, cache, schedulers.io(), new SimpleMeterRegistry())) {
            assertThat(local.files()).isInstanceOf(LocalObjectStore.class);
            assertThat(local.directory()).isEqualTo(objects);
            assertThat(local.health().get()).isEmpty();
            assertThat(cache).doesNotExist();
        }
        for (String[] remote : new String[][] {
            {
                "type",
                "minio",
                "s3.endpoint",
                "http://127.0.0.1:1",
                "s3.bucket",
                "b",
                "s3.credentials",
                "static",
                "s3.access-key",
                "k",
                "s3.secret-key",
                "s"
            },
            {"type", "gcs", "gcs.bucket", "b", "gcs.credentials", "none"},
        }) {
            try (Stores stores =
                    Stores.open(bind(remote), objects, cache, schedulers.io(), new SimpleMeterRegistry())) {
                assertThat(stores.directory()).isEqualTo(cache).isDirectory();
                assertThat(stores.health().get())
                        .containsOnlyKeys("read", "write", "list", "remove", "memory", "access")
                        .containsValue("closed");
                assertThat(stores.attemptLimits().get())
                        .containsOnlyKeys("read", "write", "list", "remove")
                        .containsValue(Duration.ofSeconds(30));
            }
        }
        schedulers.close();
    }
}
