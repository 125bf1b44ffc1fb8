package io.weir.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.storage.parquet.DataFileOptions;
import io.weir.storage.parquet.PageCompression;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** LESSONS 47: every setting acts. That options act on files is tested beside the writer. */
class ParquetSettingsTest {

    @Test
    void defaultsAreTheWritersDefaults() {
        assertThat(bind(Map.of()).options()).isEqualTo(DataFileOptions.DEFAULT);
    }

    @Test
    void eachSettingReachesTheWriter() {
        Map<String, String> values = Map.of(
                "weir.parquet.compression", "lz4_raw",
                "weir.parquet.zstd-level", "3",
                "weir.parquet.row-group-rows", "1000",
                "weir.parquet.row-group-size", "2MB",
                "weir.parquet.page-size", "16KB",
                "weir.parquet.bloom-filters", "host, device",
                "weir.parquet.page-checksums", "false");
        assertThat(bind(values).options())
                .isEqualTo(new DataFileOptions(
                        PageCompression.LZ4_RAW, 3, 1_000, 2 << 20, 16 << 10, List.of("host", "device"), false));
    }

    @ParameterizedTest
    @CsvSource({
        "zstd-level, 0, 'weir.parquet.zstd-level is 0 (expected: 1 to 19)'",
        "zstd-level, 20, 'weir.parquet.zstd-level is 20 (expected: 1 to 19)'",
        "row-group-rows, 0, 'weir.parquet.row-group-rows is 0 (expected: more than 0)'",
        "row-group-size, 0B, 'weir.parquet.row-group-size is 0B (expected: more than 0)'",
        "page-size, 65MB, 'weir.parquet.page-size is 68157440B (expected: more than 0, at most 64MB)'"
    })
    void valuesThatCannotWorkAreRefusedByName(String key, String value, String message) {
        assertThatThrownBy(() -> bind(Map.of("weir.parquet." + key, value)))
                .rootCause()
                .hasMessage(message);
    }

    private static ParquetSettings bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("weir.parquet", ParquetSettings.class);
    }
}
