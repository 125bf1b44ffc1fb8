package io.weir.query.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

/** LESSONS 47: how hot rows are read is set, and checked by name. */
class RemoteSettingsTest {

    private static RemoteSettings bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate("weir.query", RemoteSettings.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        RemoteSettings settings = bind(Map.of());
        assertThat(settings.ingestReplicas()).isEmpty();
        assertThat(settings.hotConnectTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.hotTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.hotMemory()).isEqualTo(DataSize.ofMegabytes(128));
    }

    @Test
    void everySettingIsRead() {
        RemoteSettings settings = bind(Map.of(
                "weir.query.ingest-replicas", "weir-0.weir:8088, [::1]:9",
                "weir.query.hot-connect-timeout", "2s",
                "weir.query.hot-timeout", "3s",
                "weir.query.hot-memory", "4MB"));
        assertThat(settings.addresses())
                .containsExactly(URI.create("http://weir-0.weir:8088"), URI.create("http://[::1]:9"));
        assertThat(settings.hotConnectTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.hotTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.hotMemory()).isEqualTo(DataSize.ofMegabytes(4));
    }

    @ParameterizedTest
    @CsvSource({
        "ingest-replicas, host, HOST:PORT",
        "ingest-replicas, http://host:1, HOST:PORT",
        "ingest-replicas, host:1/x, HOST:PORT",
        "ingest-replicas, a b:1, HOST:PORT",
        "ingest-replicas, user@host:1, HOST:PORT",
        "ingest-replicas, 'host:1,host:1', each replica once",
        "hot-connect-timeout, 0s, above 0",
        "hot-timeout, -1s, above 0",
        "hot-memory, 1KB, at least 1MB",
    })
    void whatCannotWorkIsRefusedByName(String key, String value, String expected) {
        assertThatThrownBy(() -> bind(Map.of("weir.query." + key, value)))
                .rootCause()
                .hasMessageContaining("weir.query." + key + " is ")
                .hasMessageContaining(expected);
    }
}
