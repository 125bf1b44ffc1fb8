package io.weir.ingest.compaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.storage.parquet.merging.Duplicates;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

class CompactionSettingsTest {

    @Test
    void defaults() {
        CompactionSettings settings = CompactionFixture.settings(Map.of());
        assertThat(settings)
                .isEqualTo(new CompactionSettings(
                        true,
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(10),
                        Duration.ofMinutes(1),
                        8,
                        64,
                        DataSize.ofGigabytes(2),
                        DataSize.ofMegabytes(256),
                        null,
                        1,
                        Duration.ofMinutes(2),
                        Duration.ofDays(1),
                        Duration.ofDays(7),
                        Set.of()));
        assertThat(settings.memoryOfAMerge()).isEqualTo(Runtime.getRuntime().maxMemory() / 8);
        assertThat(settings.duplicates(new TableId("default", "db", "m"), Optional.empty()))
                .isEqualTo(Duplicates.KEPT);
    }

    @Test
    void everySettingIsMapped() {
        CompactionSettings settings = CompactionFixture.settings(Map.ofEntries(
                Map.entry("weir.compaction.enabled", "false"),
                Map.entry("weir.compaction.interval", "2s"),
                Map.entry("weir.compaction.quiet", "3s"),
                Map.entry("weir.compaction.quiet-past", "3500ms"),
                Map.entry("weir.compaction.min-files", "4"),
                Map.entry("weir.compaction.max-files", "5"),
                Map.entry("weir.compaction.max-input", "6MB"),
                Map.entry("weir.compaction.target-size", "7MB"),
                Map.entry("weir.compaction.memory", "8MB"),
                Map.entry("weir.compaction.parallelism", "2"),
                Map.entry("weir.compaction.lease", "9s"),
                Map.entry("weir.compaction.quarantine", "10s"),
                Map.entry("weir.compaction.history", "11s"),
                Map.entry("weir.compaction.last-wins", "db/m,other/*")));
        assertThat(settings)
                .isEqualTo(new CompactionSettings(
                        false,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        Duration.ofMillis(3_500),
                        4,
                        5,
                        DataSize.ofMegabytes(6),
                        DataSize.ofMegabytes(7),
                        DataSize.ofMegabytes(8),
                        2,
                        Duration.ofSeconds(9),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(11),
                        Set.of("db/m", "other/*")));
        assertThat(settings.memoryOfAMerge()).isEqualTo(4 << 20);
        assertThat(settings.duplicates(new TableId("default", "db", "m"), Optional.empty()))
                .isEqualTo(Duplicates.LAST_WINS);
        assertThat(settings.duplicates(new TableId("default", "db", "n"), Optional.empty()))
                .isEqualTo(Duplicates.KEPT);
        assertThat(settings.duplicates(new TableId("default", "db", "m"), Optional.of(Dedup.APPEND)))
                .as("what the catalog says is stronger")
                .isEqualTo(Duplicates.KEPT);
        assertThat(settings.duplicates(new TableId("default", "db", "n"), Optional.of(Dedup.LAST)))
                .isEqualTo(Duplicates.LAST_WINS);
        assertThat(settings.duplicates(new TableId("default", "other", "n"), Optional.empty()))
                .isEqualTo(Duplicates.LAST_WINS);
    }

    @ParameterizedTest
    @CsvSource({
        "interval, 0s",
        "quiet, -1s",
        "quiet-past, -1s",
        "min-files, 1",
        "max-files, 1",
        "max-files, 1001",
        "max-input, 0B",
        "target-size, 0B",
        "memory, 0B",
        "parallelism, 0",
        "parallelism, 65",
        "lease, 299ms",
        "quarantine, 0s",
        "history, 0s",
        "last-wins, cpu",
        "last-wins, /cpu",
        "last-wins, db/",
    })
    void whatCannotBeIsRefusedByName(String key, String value) {
        assertThatThrownBy(() -> CompactionFixture.settings(Map.of("weir.compaction." + key, value)))
                .rootCause()
                .hasMessageContaining("weir.compaction." + key + " is ")
                .hasMessageContaining("(expected: ");
    }
}
