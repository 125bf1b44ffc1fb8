package io.weir.storage.parquet;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.airlift.compress.lz4.Lz4Compressor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/**
 * Compresses pages with one native context and one buffer, used again for every page. A data page that would shrink by
 * less than {@link #WORTHWHILE} stays as it is, which spares the reader the work: tightly packed numbers often do not
 * shrink. Of a large page a sample is tried first.
 */
final class PageCompressor implements BytesInputCompressor {

    /** A compressed page is at most this many of 100 bytes. */
    private static final int WORTHWHILE = 90;

    private static final int SMALLEST = 64;
    private static final int SAMPLE = 8 << 10;
    private static final int KEPT = 4 << 20;

    private final CompressionCodecName codec;
    private final @Nullable ZstdCompressCtx zstd;
    private final @Nullable Lz4Compressor lz4;
    private byte[] compressed = new byte[0];
    private int length;

    PageCompressor(CompressionCodecName codec, int zstdLevel) {
        this.codec = PageCodecs.supported(codec);
        this.zstd = codec == CompressionCodecName.ZSTD ? new ZstdCompressCtx().setLevel(zstdLevel) : null;
        this.lz4 = codec == CompressionCodecName.LZ4_RAW ? new Lz4Compressor() : null;
    }

    /** Compresses {@code bytes[0, size)}; false when they better stay as they are, else {@link #compressed} has the result. */
    boolean compress(byte[] bytes, int size) throws IOException {
        if (codec == CompressionCodecName.UNCOMPRESSED || size < SMALLEST) {
            return false;
        }
        if (size > 4 * SAMPLE && !isWorthwhile(compressedSize(bytes, size / 2, SAMPLE), SAMPLE)) {
            return false;
        }
        return compressWhole(bytes, size);
    }

    /** The same without a sample, for pages of which the middle says little. */
    boolean compressWhole(byte[] bytes, int size) throws IOException {
        return codec != CompressionCodecName.UNCOMPRESSED && isWorthwhile(compressedSize(bytes, 0, size), size);
    }

    /** Compresses what the format wants compressed, however well: dictionaries. False when there is no compression. */
    boolean compressAlways(byte[] bytes, int size) throws IOException {
        if (codec == CompressionCodecName.UNCOMPRESSED) {
            return false;
        }
        compressedSize(bytes, 0, size);
        return true;
    }

    /** What the last call compressed; valid until the next. */
    byte[] compressed() {
        return compressed;
    }

    /** How many bytes of {@link #compressed} count. */
    int compressedLength() {
        return length;
    }

    /** How many bytes {@code bytes[from, from + size)} take when compressed. */
    int compressedSize(byte[] bytes, int from, int size) throws IOException {
        if (zstd != null) {
            reserve(Zstd.compressBound(size));
            length = zstd.compressByteArray(compressed, 0, compressed.length, bytes, from, size);
        } else if (lz4 != null) {
            reserve(lz4.maxCompressedLength(size));
            length = lz4.compress(bytes, from, size, compressed, 0, compressed.length);
        } else if (codec == CompressionCodecName.SNAPPY) {
            reserve(Snappy.maxCompressedLength(size));
            length = Snappy.compress(bytes, from, size, compressed, 0);
        } else {
            length = size;
        }
        return length;
    }

    @Override
    public BytesInput compress(BytesInput bytes) throws IOException {
        Exposed raw = new Exposed();
        bytes.writeAllTo(raw);
        return compressAlways(raw.array(), raw.size()) ? BytesInput.from(compressed, 0, length) : bytes;
    }

    @Override
    public CompressionCodecName getCodecName() {
        return codec;
    }

    /** Frees a buffer that one large page has made large. */
    void trim() {
        if (compressed.length > KEPT) {
            compressed = new byte[0];
        }
    }

    @Override
    public void release() {
        if (zstd != null) {
            zstd.close();
        }
    }

    /** Whether a page that shrinks that much is stored compressed. */
    static boolean isWorthwhile(int compressedSize, int size) {
        return compressedSize * 100L <= size * (long) WORTHWHILE;
    }

    private void reserve(long bytes) {
        if (compressed.length < bytes) {
            compressed = new byte[Math.toIntExact(bytes)];
        }
    }

    /** Shows its buffer, which spares a copy of every page. */
    private static final class Exposed extends ByteArrayOutputStream {
        byte[] array() {
            return buf;
        }
    }
}
