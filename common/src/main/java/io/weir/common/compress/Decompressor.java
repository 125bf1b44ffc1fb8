package io.weir.common.compress;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Inflates a request body that arrives in pieces, and stops it at the limits. The codec is what {@code Content-Encoding}
 * says, or, without it, what the magic bytes of the body say. Holds native memory until {@link #close}, which must be
 * called on every path. Not thread-safe, but calls may come from different threads one after the other.
 *
 * <pre>
 *   try (Decompressor body = Decompressor.open(header, limits)) {
 *       for (each piece) body.feed(piece, 0, piece.length, decoder::feed);
 *       body.finish(decoder::feed);
 *   }
 * </pre>
 */
public final class Decompressor implements AutoCloseable {

    /** Bytes of a body that always tell how it is compressed. */
    public static final int MAGIC_BYTES = 4;

    private final DecompressionLimits limits;
    private final LongConsumer memory;
    private final byte[] head = new byte[MAGIC_BYTES];
    private int headLength;
    private @Nullable Codec codec;
    private @Nullable ContentEncoding encoding;
    private Output output;
    private boolean closed;

    private Decompressor(ContentEncoding declared, DecompressionLimits limits, LongConsumer memory) {
        this.limits = limits;
        this.memory = memory;
        this.output = new Output(declared, limits, memory);
        if (declared != ContentEncoding.IDENTITY) {
            start(declared);
        }
    }

    /**
     * A decompressor for one body.
     *
     * @param contentEncoding header of the request; null, empty or {@code identity}: told by the body's magic bytes
     * @throws io.weir.common.error.WeirException {@code unsupported-encoding} for any other word
     */
    public static Decompressor open(@Nullable String contentEncoding, DecompressionLimits limits) {
        return open(contentEncoding, limits, delta -> {});
    }

    /**
     * Like {@link #open(String, DecompressionLimits)}, charging for memory.
     *
     * @param memory hears by how many bytes, on the heap and beside it, the decompressor is about to grow or, negative,
     *     has shrunk. What it throws passes through; the sum is 0 after {@link #close}
     */
    public static Decompressor open(@Nullable String contentEncoding, DecompressionLimits limits, LongConsumer memory) {
        return new Decompressor(ContentEncoding.ofHeader(contentEncoding), limits, memory);
    }

    /** How the body is compressed; null while too few bytes have arrived to tell. */
    public @Nullable ContentEncoding encoding() {
        return encoding;
    }

    /**
     * Whether a body is known to be passed on as it comes; nothing is fed.
     *
     * @param head the first bytes of the body, {@link #MAGIC_BYTES} of them if it is that long
     */
    public boolean passesOn(byte[] head) {
        ContentEncoding known = codec == null ? ContentEncoding.ofMagic(head, head.length) : encoding;
        return known == ContentEncoding.IDENTITY;
    }

    /** Bytes fed so far. */
    public long inputBytes() {
        return output.input() + (codec == null ? headLength : 0);
    }

    /** Bytes passed to sinks so far. */
    public long outputBytes() {
        return output.produced();
    }

    /**
     * Inflates the next piece of the body, {@code chunk[offset, offset + length)}, into {@code sink}, in none, one or
     * more calls. What the sink throws passes through.
     *
     * @throws io.weir.common.error.WeirException {@code body-too-large} at the limit; {@code invalid-compression} naming
     *     {@code encoding} and {@code offset} when the body is corrupt
     */
    public void feed(byte[] chunk, int offset, int length, ByteSink sink) {
        requireOpen();
        output.to(sink);
        int at = offset;
        int end = offset + length;
        while (codec == null && at < end) {
            head[headLength++] = chunk[at++];
            ContentEncoding found = ContentEncoding.ofMagic(head, headLength);
            if (found != null) {
                start(found);
                replayHead(sink);
            }
        }
        if (codec != null && at < end) {
            output.arrived(end - at);
            codec.feed(chunk, at, end - at, output);
        }
    }

    /**
     * Ends the body.
     *
     * @param sink takes a body so short that its magic bytes could not tell yet
     * @throws io.weir.common.error.WeirException {@code invalid-compression} when the body is cut off
     */
    public void finish(ByteSink sink) {
        requireOpen();
        output.to(sink);
        if (codec == null) {
            start(ContentEncoding.IDENTITY);
            replayHead(sink);
        }
        if (codec != null) {
            codec.finish(output);
        }
    }

    /** Gives back what the codec holds. Safe to call twice. */
    @Override
    public void close() {
        closed = true;
        if (codec != null) {
            codec.close();
        }
        output.chargeNothing();
    }

    private void start(ContentEncoding found) {
        encoding = found;
        output = new Output(found, limits, memory);
        output.charge(
                switch (found) {
                    case IDENTITY -> 0;
                    case GZIP, DEFLATE -> InflateStream.HELD_BYTES;
                    case ZSTD -> ZstdCodec.HELD_BYTES;
                    case LZ4 -> Lz4Codec.HELD_BYTES;
                });
        codec = switch (found) {
            case IDENTITY -> new IdentityCodec();
            case GZIP -> new GzipCodec();
            case DEFLATE -> new DeflateCodec();
            case ZSTD -> new ZstdCodec();
            case LZ4 -> new Lz4Codec();
        };
    }

    private void replayHead(ByteSink sink) {
        if (codec != null && headLength > 0) {
            output.to(sink);
            output.arrived(headLength);
            codec.feed(head, 0, headLength, output);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the decompressor is closed");
        }
    }
}
