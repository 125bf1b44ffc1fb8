package io.weir.common.compress;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Zstandard frames, one after the other, on a native context from a shelf. */
final class ZstdCodec implements Codec {

    private static final int IDLE = 16;
    private static final int BUFFER_BYTES = 64 << 10;
    /** 8 MiB, the window that RFC 9659 limits the content encoding to: what a request may take of native memory. */
    private static final int MAX_WINDOW_LOG = 23;

    /** The buffers, and the native context without its window. */
    static final long HELD_BYTES = 3 * BUFFER_BYTES + (160 << 10);

    /** A context that grew beyond this is not kept: idle ones are counted nowhere. */
    private static final long KEPT_BYTES = 1 << 20;

    private static final long MAX_FRAME_BYTES = (1L << MAX_WINDOW_LOG) + (256 << 10);

    private static final Shelf<Context> SHELF = new Shelf<>(IDLE, Context::new, Context::dispose);

    private static final class Context {
        final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
        final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
        final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
        final byte[] buffer = new byte[BUFFER_BYTES];

        void dispose() {
            zstd.close();
        }
    }

    private @Nullable Context context = SHELF.take();
    private final ZstdFrameHeader header = new ZstdFrameHeader();
    private long frameBytes;
    private boolean inFrame;
    private boolean anyFrame;

    ZstdCodec() {
        require().zstd.setLongMax(MAX_WINDOW_LOG);
    }

    @Override
    public void feed(byte[] input, int offset, int length, Output output) {
        Context current = require();
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (inFrame) {
                int count = Math.min(BUFFER_BYTES, end - at);
                at += count - inflate(current, input, at, count, output, end - at - count);
            } else {
                at += header.take(input, at, end);
                if (header.isComplete()) {
                    startFrame(current, output, end - at);
                }
            }
        }
    }

    /** Charges for what the frame needs, then shows its header to the decompressor. */
    private void startFrame(Context current, Output output, int unread) {
        long needed = header.memoryBytes();
        if (needed > frameBytes && needed <= MAX_FRAME_BYTES) { // beyond, the decompressor refuses the frame
            output.charge(needed - frameBytes);
            frameBytes = needed;
        }
        inFrame = true;
        int length = header.length();
        byte[] bytes = header.bytes();
        header.clear();
        inflate(current, bytes, 0, length, output, unread);
    }

    @Override
    public void finish(Output output) {
        if (!anyFrame || inFrame || !header.isEmpty()) {
            throw output.truncated();
        }
    }

    @Override
    public void close() {
        if (context != null) {
            if (frameBytes > KEPT_BYTES) {
                context.dispose();
            } else {
                context.zstd.reset();
                SHELF.putBack(context);
            }
            context = null;
        }
    }

    /** Inflates {@code input[from, from + length)}, at most a buffer, until the frame ends; returns how many bytes are left. */
    private int inflate(Context current, byte[] input, int from, int length, Output output, int unread) {
        current.in.clear();
        current.in.put(input, from, length).flip();
        boolean full = false;
        while (inFrame && (current.in.hasRemaining() || full)) {
            current.out.clear().limit(output.room(BUFFER_BYTES));
            int before = current.in.remaining();
            try {
                inFrame = !current.zstd.decompressDirectByteBufferStream(current.out, current.in);
            } catch (ZstdException e) {
                String reason = e.getMessage() == null ? "invalid data" : e.getMessage();
                throw output.corrupt(reason, unread + current.in.remaining(), e);
            }
            full = !current.out.hasRemaining();
            int count = current.out.flip().remaining();
            if (inFrame && count == 0 && before > 0 && before == current.in.remaining() && !full) {
                throw output.corrupt("no progress", unread + before, null);
            }
            current.out.get(current.buffer, 0, count);
            output.write(current.buffer, 0, count);
        }
        anyFrame |= !inFrame;
        return current.in.remaining();
    }

    private Context require() {
        if (context == null) {
            throw new IllegalStateException("closed");
        }
        return context;
    }
}
