package io.weir.query.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.query.snapshot.Freshness;
import io.weir.storage.duckdb.DuckDbSettings;
import io.weir.storage.duckdb.HeavyQueries;
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
                        0,
                        256,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(10),
                        Duration.ofSeconds(60),
                        DataSize.ofMegabytes(0),
                        0,
                        0,
                        DataSize.ofMegabytes(1),
                        Duration.ofSeconds(5),
                        true,
                        true,
                        DataSize.ofBytes(0),
                        DataSize.ofGigabytes(10),
                        new QueryProperties.Heavy(0, 1_000_000, Duration.ofSeconds(1)),
                        Freshness.VISIBLE));
        assertThat(bind(Map.of()).allowedRows()).isEqualTo(Long.MAX_VALUE);
        assertThat(bind(Map.of()).allowedBytes()).isEqualTo(Long.MAX_VALUE);
        assertThat(bind(Map.of()).sessionsAtOnce()).isGreaterThanOrEqualTo(8);
        assertThat(bind(Map.of()).engineMemoryBytes()).isPositive();
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
                Map.entry("weir.query.compress", "false"),
                Map.entry("weir.query.max-bytes", "13KB"),
                Map.entry("weir.query.spill-limit", "14MB"),
                Map.entry("weir.query.heavy.at-once", "15"),
                Map.entry("weir.query.heavy.rows", "16"),
                Map.entry("weir.query.heavy.after", "17s"),
                Map.entry("weir.query.freshness", "committed")));
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
                        false,
                        DataSize.ofKilobytes(13),
                        DataSize.ofMegabytes(14),
                        new QueryProperties.Heavy(15, 16, Duration.ofSeconds(17)),
                        Freshness.COMMITTED));
        var settings = properties.engine(new QueryDirectories(List.of(Path.of("/d")), Path.of("/s")));
        assertThat(settings.maxSessions()).isEqualTo(3);
        assertThat(settings.maxPending()).isEqualTo(4);
        assertThat(settings.acquireTimeout()).isEqualTo(Duration.ofSeconds(6));
        assertThat(settings.readerTimeout()).isEqualTo(Duration.ofSeconds(9));
        assertThat(settings.memoryLimitBytes()).isEqualTo(64L << 20);
        assertThat(settings.threads()).isEqualTo(5);
        assertThat(settings.spillLimitBytes()).isEqualTo(14L << 20);
        assertThat(settings.heavy()).isEqualTo(new HeavyQueries(15, 16, Duration.ofSeconds(17)));
    }

    @Test
    void sizesThatNobodyNamesComeFromTheContainer() { // lesson 42
        QueryDirectories directories = new QueryDirectories(List.of(Path.of("/d")), Path.of("/s"));
        DuckDbSettings settings = bind(Map.of()).engine(directories);
        int processors = Runtime.getRuntime().availableProcessors();
        assertThat(settings.threads()).isEqualTo(processors);
        assertThat(settings.maxSessions()).isEqualTo(Math.max(8, 2 * processors));
        assertThat(settings.heavy().atOnce()).isEqualTo(processors);
        assertThat(settings.memoryLimitBytes()).isEqualTo(ContainerShare.memory());
        assertThat(bind(Map.of("weir.query.threads", "3"))
                        .engine(directories)
                        .heavy()
                        .atOnce())
                .isEqualTo(3);
    }

    @Test
    void theEngineTakesAQuarterOfTheMemoryOrWhatTheHeapLeaves() {
        long gigabyte = 1L << 30;
        long megabyte = 1L << 20;
        assertThat(ContainerShare.memory(16 * gigabyte, gigabyte)).isEqualTo(4 * gigabyte);
        assertThat(ContainerShare.memory(2 * gigabyte, 1500 * megabyte)).isEqualTo(248 * megabyte / 10 * 9);
        assertThat(ContainerShare.memory(512 * megabyte, 256 * megabyte)).isEqualTo(64 * megabyte);
    }

    @ParameterizedTest
    @CsvSource({
        "max-sessions, -1", "max-pending, -1", "acquire-timeout, 0s", "timeout, 0s", "max-timeout, 1s",
        "reader-timeout, 0s", "memory-limit, 1MB", "threads, -1", "max-rows, -1", "max-body, 0B",
        "max-bytes, -1B", "spill-limit, 0MB", "heavy.at-once, -1", "heavy.rows, 0", "heavy.after, 0s",
    })
    void wrongValuesAreNamed(String key, String value) {
        assertThatThrownBy(() -> bind(Map.of("weir.query." + key, value)))
                .isInstanceOf(BindException.class)
                .rootCause()
                .hasMessageStartingWith("weir.query." + key + " is ");
    }
}
