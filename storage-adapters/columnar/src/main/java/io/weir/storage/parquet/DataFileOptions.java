package io.weir.storage.parquet;

/**
 * How data files are laid out.
 *
 * @param compression how pages are compressed
 * @param zstdLevel Zstandard level, 1 to 19; ignored by other compressions
 * @param rowGroupRows most rows of a row group, at least 1
 * @param rowGroupBytes a row group also ends once its strings and tag values reach this many bytes before encoding; bounds
 *     the memory of the writer, at least 1
 */
public record DataFileOptions(PageCompression compression, int zstdLevel, int rowGroupRows, long rowGroupBytes) {

    /** What DuckDB scans best: Zstandard level 1, row groups of 122,880 rows or 64 MiB of strings. */
    public static final DataFileOptions DEFAULT = new DataFileOptions(PageCompression.ZSTD, 1, 122_880, 64L << 20);

    private static final int MAX_ZSTD_LEVEL = 19;

    public DataFileOptions {
        if (zstdLevel < 1 || zstdLevel > MAX_ZSTD_LEVEL) {
            throw new IllegalArgumentException("zstd level " + zstdLevel + " (expected: 1 to " + MAX_ZSTD_LEVEL + ")");
        }
        if (rowGroupRows < 1 || rowGroupBytes < 1) {
            throw new IllegalArgumentException("row groups of " + rowGroupRows + " rows and " + rowGroupBytes
                    + " bytes (expected: at least 1 of each)");
        }
    }

    /** These options with another compression. */
    public DataFileOptions withCompression(PageCompression other) {
        return new DataFileOptions(other, zstdLevel, rowGroupRows, rowGroupBytes);
    }

    /** These options with row groups of at most that many rows. */
    public DataFileOptions withRowGroupRows(int rows) {
        return new DataFileOptions(compression, zstdLevel, rows, rowGroupBytes);
    }
}
