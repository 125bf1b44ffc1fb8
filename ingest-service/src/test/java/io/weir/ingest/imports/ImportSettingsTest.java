package io.weir.ingest.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class ImportSettingsTest {

    private static ImportSettings bind(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("weir.import", ImportSettings.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(bind(Map.of()))
                .isEqualTo(new ImportSettings(
                        null,
                        DataSize.ofGigabytes(10),
                        DataSize.ofGigabytes(1),
                        DataSize.ofMegabytes(2),
                        DataSize.ofMegabytes(256),
                        1,
                        16,
                        100,
                        Duration.ofHours(24),
                        1000));
    }

    @Test
    void everySettingIsBound() { // LESSONS 47
        assertThat(bind(Map.of(
                        "weir.import.directory", "/elsewhere",
                        "weir.import.max-file", "1GB",
                        "weir.import.min-free-disk", "2GB",
                        "weir.import.chunk", "3MB",
                        "weir.import.row-group", "9MB",
                        "weir.import.concurrent", "4",
                        "weir.import.queue", "5",
                        "weir.import.max-errors", "6",
                        "weir.import.keep", "7h",
                        "weir.import.kept-jobs", "8")))
                .isEqualTo(new ImportSettings(
                        Path.of("/elsewhere"),
                        DataSize.ofGigabytes(1),
                        DataSize.ofGigabytes(2),
                        DataSize.ofMegabytes(3),
                        DataSize.ofMegabytes(9),
                        4,
                        5,
                        6,
                        Duration.ofHours(7),
                        8));
    }

    @Test
    void aRefusedValueNamesItsKey() {
        for (Map.Entry<String, String> wrong : Map.of(
                        "max-file",
                        "0",
                        "min-free-disk",
                        "-1",
                        "chunk",
                        "1B",
                        "row-group",
                        "0",
                        "concurrent",
                        "0",
                        "queue",
                        "0",
                        "max-errors",
                        "0",
                        "keep",
                        "-1s",
                        "kept-jobs",
                        "0")
                .entrySet()) {
            assertThatThrownBy(() -> bind(Map.of("weir.import." + wrong.getKey(), wrong.getValue())))
                    .rootCause()
                    .hasMessageContaining("weir.import." + wrong.getKey() + " is ")
                    .hasMessageContaining("expected: ");
        }
    }
}
