package io.weir.storage.parquet;

import com.github.luben.zstd.ZstdDecompressCtx;
import io.airlift.compress.MalformedInputException;
import io.airlift.compress.lz4.Lz4Decompressor;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputDecompressor;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/** Decompresses pages; a page of another size than its header says is an error. */
final class PageDecompressor implements BytesInputDecompressor {

    private final CompressionCodecName codec;
    private final PageAllowance allowance;
    private final @Nullable ZstdDecompressCtx zstd;

    PageDecompressor(CompressionCodecName codec, PageAllowance allowance) {
        this.codec = PageCodecs.readable(codec);
        this.allowance = allowance;
        this.zstd = codec == CompressionCodecName.ZSTD ? new ZstdDecompressCtx() : null;
    }

    @Override
    public BytesInput decompress(BytesInput bytes, int decompressedSize) throws IOException {
        if (codec == CompressionCodecName.UNCOMPRESSED) {
            return bytes;
        }
        ByteBuffer input = bytes.toByteBuffer(HeapByteBufferAllocator.getInstance(), buffer -> {});
        return BytesInput.from(decompress(input, decompressedSize));
    }

    @Override
    public void decompress(ByteBuffer input, int compressedSize, ByteBuffer output, int decompressedSize)
            throws IOException {
        ByteBuffer slice = input.slice(input.position(), compressedSize);
        if (codec == CompressionCodecName.UNCOMPRESSED) {
            output.put(slice);
        } else {
            output.put(decompress(slice, decompressedSize));
        }
        input.position(input.position() + compressedSize);
    }

    @Override
    public void release() {
        if (zstd != null) {
            zstd.close();
        }
    }

    private byte[] decompress(ByteBuffer input, int decompressedSize) throws IOException {
        allowance.take(decompressedSize);
        byte[] compressed = new byte[input.remaining()];
        input.duplicate().get(compressed);
        byte[] bytes = new byte[decompressedSize];
        int length;
        if (zstd != null) {
            length = zstd.decompressByteArray(bytes, 0, decompressedSize, compressed, 0, compressed.length);
        } else if (codec == CompressionCodecName.LZ4_RAW) {
            length = uncompressLz4(compressed, bytes);
        } else if (codec == CompressionCodecName.GZIP) {
            length = GzipPages.inflate(compressed, bytes);
        } else {
            length = uncompressSnappy(compressed, bytes);
        }
        if (length != decompressedSize) {
            throw PageCodecs.wrongSize(codec, decompressedSize, length);
        }
        return bytes;
    }

    private static int uncompressLz4(byte[] compressed, byte[] bytes) throws IOException {
        try {
            return new Lz4Decompressor().decompress(compressed, 0, compressed.length, bytes, 0, bytes.length);
        } catch (MalformedInputException e) {
            throw new IOException("LZ4_RAW page cannot be decompressed", e);
        }
    }

    private int uncompressSnappy(byte[] compressed, byte[] bytes) throws IOException {
        int length = Snappy.uncompressedLength(compressed, 0, compressed.length);
        if (length > bytes.length) {
            throw PageCodecs.wrongSize(codec, bytes.length, length);
        }
        return Snappy.uncompress(compressed, 0, compressed.length, bytes, 0);
    }
}
