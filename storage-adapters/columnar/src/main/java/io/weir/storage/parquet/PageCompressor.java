package io.weir.storage.parquet;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/** Compresses pages with one native context and two buffers, used again for every page. */
final class PageCompressor implements BytesInputCompressor {

    private final CompressionCodecName codec;
    private final @Nullable ZstdCompressCtx zstd;
    private final Exposed raw = new Exposed();
    private byte[] compressed = new byte[0];

    PageCompressor(CompressionCodecName codec, int zstdLevel) {
        this.codec = PageCodecs.supported(codec);
        this.zstd = codec == CompressionCodecName.ZSTD ? new ZstdCompressCtx().setLevel(zstdLevel) : null;
    }

    @Override
    public BytesInput compress(BytesInput bytes) throws IOException {
        if (codec == CompressionCodecName.UNCOMPRESSED) {
            return bytes;
        }
        raw.reset();
        bytes.writeAllTo(raw);
        int length;
        if (zstd != null) {
            reserve(Zstd.compressBound(raw.size()));
            length = zstd.compressByteArray(compressed, 0, compressed.length, raw.array(), 0, raw.size());
        } else {
            reserve(Snappy.maxCompressedLength(raw.size()));
            length = Snappy.compress(raw.array(), 0, raw.size(), compressed, 0);
        }
        return BytesInput.from(compressed, 0, length);
    }

    @Override
    public CompressionCodecName getCodecName() {
        return codec;
    }

    @Override
    public void release() {
        if (zstd != null) {
            zstd.close();
        }
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
