package io.weir.storage.parquet;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * Parquet page codecs over zstd-jni, snappy-java and aircompressor, so that no Hadoop codec is loaded: UNCOMPRESSED, ZSTD, SNAPPY and LZ4_RAW,
 * and for reading GZIP too. Whoever makes a factory releases it, which frees native contexts. Not thread-safe, like its compressors: what a compressor
 * returns is valid until its next call.
 */
public final class PageCodecs implements CompressionCodecFactory, AutoCloseable {

    private static final int READERS_ZSTD_LEVEL = 1;

    private final int zstdLevel;
    private final PageAllowance allowance;
    private final Map<CompressionCodecName, PageCompressor> compressors = new EnumMap<>(CompressionCodecName.class);
    private final Map<CompressionCodecName, BytesInputDecompressor> decompressors =
            new EnumMap<>(CompressionCodecName.class);

    /** @param zstdLevel Zstandard level for compressors, 1 to 19 */
    public PageCodecs(int zstdLevel) {
        this(zstdLevel, new PageAllowance(Long.MAX_VALUE));
    }

    private PageCodecs(int zstdLevel, PageAllowance allowance) {
        this.zstdLevel = zstdLevel;
        this.allowance = allowance;
    }

    /** Codecs for files of strangers: pages unfold to at most {@code bytes} between two calls of {@link #renewAllowance}. */
    public static PageCodecs bounded(long bytes) {
        return new PageCodecs(READERS_ZSTD_LEVEL, new PageAllowance(bytes));
    }

    /** Lets pages unfold to the whole allowance again; to be called before a row group is read. */
    public void renewAllowance() {
        allowance.renew();
    }

    /** The compressor of that codec. @throws IllegalArgumentException for a codec other than the four */
    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        return compressor(codec);
    }

    PageCompressor compressor(CompressionCodecName codec) {
        return compressors.computeIfAbsent(codec, name -> new PageCompressor(name, zstdLevel));
    }

    /** The decompressor of that codec. @throws IllegalArgumentException for a codec other than the five */
    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return decompressors.computeIfAbsent(codec, name -> new PageDecompressor(name, allowance));
    }

    /** Frees native contexts; idempotent. */
    @Override
    public void release() {
        compressors.values().forEach(BytesInputCompressor::release);
        compressors.clear();
        decompressors.values().forEach(BytesInputDecompressor::release);
        decompressors.clear();
    }

    @Override
    public void close() {
        release();
    }

    static CompressionCodecName supported(CompressionCodecName codec) {
        return switch (codec) {
            case UNCOMPRESSED, ZSTD, SNAPPY, LZ4_RAW -> codec;
            default ->
                throw new IllegalArgumentException(
                        "Parquet codec " + codec + " is not supported (expected: UNCOMPRESSED, ZSTD, SNAPPY, LZ4_RAW)");
        };
    }

    /** Whether pages of that codec can be read. */
    public static boolean isReadable(CompressionCodecName codec) {
        return switch (codec) {
            case UNCOMPRESSED, ZSTD, SNAPPY, LZ4_RAW, GZIP -> true;
            default -> false;
        };
    }

    static CompressionCodecName readable(CompressionCodecName codec) {
        if (!isReadable(codec)) {
            throw new IllegalArgumentException("Parquet codec " + codec
                    + " is not supported (expected: UNCOMPRESSED, ZSTD, SNAPPY, LZ4_RAW, GZIP)");
        }
        return codec;
    }

    static IOException wrongSize(CompressionCodecName codec, int expected, long actual) {
        return new IOException(codec + " page holds " + actual + " bytes (expected: " + expected + ")");
    }
}
