package io.weir.ingest;

import io.weir.storage.parquet.DataFileOptions;
import io.weir.storage.parquet.PageCompression;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How data files are laid out; {@code weir.parquet.*}.
 *
 * @param compression how pages are compressed: {@code zstd} (default), {@code lz4_raw}, {@code snappy} or {@code none}
 * @param zstdLevel Zstandard level, 1 (default) to 19
 * @param rowGroupRows most rows of a row group; default 122,880, which is what DuckDB hands to one thread
 * @param rowGroupSize a row group also ends at this many bytes of strings and tag values; default 64 MB
 * @param pageSize size of a page of strings that do not repeat, before compression; default 1 MB
 * @param bloomFilters tags that get a bloom filter in each row group, {@code *} for all; default none
 * @param pageChecksums whether pages carry a CRC-32; default true
 */
@ConfigurationProperties("weir.parquet")
public record ParquetSettings(
        @DefaultValue("zstd") PageCompression compression,
        @DefaultValue("1") int zstdLevel,
        @DefaultValue("122880") int rowGroupRows,
        @DefaultValue("64MB") DataSize rowGroupSize,
        @DefaultValue("1MB") DataSize pageSize,
        @DefaultValue List<String> bloomFilters,
        @DefaultValue("true") boolean pageChecksums) {

    private static final int MAX_ZSTD_LEVEL = 19;
    private static final DataSize MAX_PAGE = DataSize.ofMegabytes(64);

    public ParquetSettings {
        bloomFilters = List.copyOf(bloomFilters);
        require(zstdLevel >= 1 && zstdLevel <= MAX_ZSTD_LEVEL, "zstd-level", zstdLevel, "1 to " + MAX_ZSTD_LEVEL);
        require(rowGroupRows > 0, "row-group-rows", rowGroupRows, "more than 0");
        require(rowGroupSize.toBytes() > 0, "row-group-size", rowGroupSize, "more than 0");
        require(
                pageSize.toBytes() > 0 && pageSize.compareTo(MAX_PAGE) <= 0,
                "page-size",
                pageSize,
                "more than 0, at most " + MAX_PAGE.toMegabytes() + "MB");
    }

    /** The layout that these settings ask for. */
    public DataFileOptions options() {
        return new DataFileOptions(
                compression,
                zstdLevel,
                rowGroupRows,
                rowGroupSize.toBytes(),
                (int) pageSize.toBytes(),
                bloomFilters,
                pageChecksums);
    }

    private static void require(boolean condition, String key, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(
                    "weir.parquet." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
