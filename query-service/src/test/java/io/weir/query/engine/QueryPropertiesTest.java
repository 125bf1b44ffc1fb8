package io.weir.query.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
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

class QueryPropertiesTest {

    private static QueryProperties bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate("weir.query", QueryProperties.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(bind(Map.of()))
                .isEqualTo(new QueryProperties(
                        8,
                        256,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(10),
                        Duration.ofSeconds(60),
                        DataSize.ofGigabytes(1),
                        0,
                        0,
                        DataSize.ofMegabytes(1),
                        Duration.ofSeconds(5),
                        true,
                        true));
        assertThat(bind(Map.of()).allowedRows()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void everyKeyIsRead() {
        QueryProperties properties = bind(Map.ofEntries(
                Map.entry("weir.query.max-sessions", "3"),
                Map.entry("weir.query.max-pending", "4"),
                Map.entry("weir.query.acquire-timeout", "6s"),
                Map.entry("weir.query.timeout", "7s"),
                Map.entry("weir.query.max-timeout", "8s"),
                Map.entry("weir.query.reader-timeout", "9s"),
                Map.entry("weir.query.memory-limit", "64MB"),
                Map.entry("weir.query.threads", "5"),
                Map.entry("weir.query.max-rows", "10"),
                Map.entry("weir.query.max-body", "11KB"),
                Map.entry("weir.query.slow-after", "12s"),
                Map.entry("weir.query.pruning", "false"),
                Map.entry("weir.query.compress", "false")));
        assertThat(properties)
                .isEqualTo(new QueryProperties(
                        3,
                        4,
                        Duration.ofSeconds(6),
                        Duration.ofSeconds(7),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(9),
                        DataSize.ofMegabytes(64),
                        5,
                        10,
                        DataSize.ofKilobytes(11),
                        Duration.ofSeconds(12),
                        false,
                        false));
        var settings = properties.engine(new QueryDirectories(List.of(Path.of("/d")), Path.of("/s")));
        assertThat(settings.maxSessions()).isEqualTo(3);
        assertThat(settings.maxPending()).isEqualTo(4);
        assertThat(settings.acquireTimeout()).isEqualTo(Duration.ofSeconds(6));
        assertThat(settings.readerTimeout()).isEqualTo(Duration.ofSeconds(9));
        assertThat(settings.memoryLimitBytes()).isEqualTo(64L << 20);
        assertThat(settings.threads()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({
        "max-sessions, 0", "max-pending, -1", "acquire-timeout, 0s", "timeout, 0s", "max-timeout, 1s",
        "reader-timeout, 0s", "memory-limit, 1MB", "threads, -1", "max-rows, -1", "max-body, 0B",
    })
    void wrongValuesAreNamed(String key, String value) {
        assertThatThrownBy(() -> bind(Map.of("weir.query." + key, value)))
                .isInstanceOf(BindException.class)
                .rootCause()
                .hasMessageStartingWith("weir.query." + key + " is ");
    }
}
