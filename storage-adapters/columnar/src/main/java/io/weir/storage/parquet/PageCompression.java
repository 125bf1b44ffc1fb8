package io.weir.storage.parquet;

import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** How pages of a data file are compressed. */
public enum PageCompression {
    /** Zstandard: smallest; the default. */
    ZSTD(CompressionCodecName.ZSTD),
    /** Snappy: larger files, faster scans. */
    SNAPPY(CompressionCodecName.SNAPPY),
    /** LZ4 blocks: larger files, faster scans. */
    LZ4_RAW(CompressionCodecName.LZ4_RAW),
    /** Not at all. */
    NONE(CompressionCodecName.UNCOMPRESSED);

    private final CompressionCodecName codec;

    PageCompression(CompressionCodecName codec) {
        this.codec = codec;
    }

    CompressionCodecName codec() {
        return codec;
    }
}
