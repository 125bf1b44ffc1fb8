package io.weir.storage.parquet;

import java.util.List;

/**
 * How data files are laid out.
 *
 * @param compression how pages are compressed
 * @param zstdLevel Zstandard level, 1 to 19; ignored by other compressions
 * @param rowGroupRows most rows of a row group, at least 1
 * @param rowGroupBytes a row group also ends once its strings and tag values reach this many bytes before encoding; bounds
 *     the memory of the writer, at least 1
 * @param pageBytes a page of strings that do not repeat ends once it reaches this many bytes before compression, at least 1;
 *     other columns have one page a row group
 * @param bloomFilters names of the tags that get a bloom filter a row group; {@link #EVERY_TAG} among them means all
 * @param pageChecksums whether pages carry a CRC-32
 */
public record DataFileOptions(
        PageCompression compression,
        int zstdLevel,
        int rowGroupRows,
        long rowGroupBytes,
        int pageBytes,
        List<String> bloomFilters,
        boolean pageChecksums) {

    /** In {@link #bloomFilters}: all tags. */
    public static final String EVERY_TAG = "*";

    /** What DuckDB scans best: Zstandard level 1, row groups of 122,880 rows or 64 MiB of strings, pages of 1 MiB. */
    public static final DataFileOptions DEFAULT =
            new DataFileOptions(PageCompression.ZSTD, 1, 122_880, 64L << 20, 1 << 20, List.of(), true);

    private static final int MAX_ZSTD_LEVEL = 19;

    public DataFileOptions {
        bloomFilters = List.copyOf(bloomFilters);
        if (zstdLevel < 1 || zstdLevel > MAX_ZSTD_LEVEL) {
            throw new IllegalArgumentException("zstd level " + zstdLevel + " (expected: 1 to " + MAX_ZSTD_LEVEL + ")");
        }
        if (rowGroupRows < 1 || rowGroupBytes < 1) {
            throw new IllegalArgumentException("row groups of " + rowGroupRows + " rows and " + rowGroupBytes
                    + " bytes (expected: at least 1 of each)");
        }
        if (pageBytes < 1) {
            throw new IllegalArgumentException("pages of " + pageBytes + " bytes (expected: at least 1)");
        }
    }

    /** These options with another compression. */
    public DataFileOptions withCompression(PageCompression other) {
        return new DataFileOptions(
                other, zstdLevel, rowGroupRows, rowGroupBytes, pageBytes, bloomFilters, pageChecksums);
    }

    /** These options with row groups of at most that many rows and that many bytes of strings. */
    public DataFileOptions withRowGroups(int rows, long bytes) {
        return new DataFileOptions(compression, zstdLevel, rows, bytes, pageBytes, bloomFilters, pageChecksums);
    }

    /** These options with row groups of at most that many rows. */
    public DataFileOptions withRowGroupRows(int rows) {
        return withRowGroups(rows, rowGroupBytes);
    }

    /** These options with bloom filters on those tags. */
    public DataFileOptions withBloomFilters(String... tags) {
        return new DataFileOptions(
                compression, zstdLevel, rowGroupRows, rowGroupBytes, pageBytes, List.of(tags), pageChecksums);
    }

    boolean hasBloomFilter(String tag) {
        return bloomFilters.contains(EVERY_TAG) || bloomFilters.contains(tag);
    }
}
