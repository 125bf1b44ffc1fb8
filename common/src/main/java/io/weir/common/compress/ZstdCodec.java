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
    private boolean betweenFrames;

    ZstdCodec() {
        require().zstd.setLongMax(MAX_WINDOW_LOG);
    }

    @Override
    public void feed(byte[] input, int offset, int length, Output output) {
        Context current = require();
        for (int at = offset; at < offset + length; at += BUFFER_BYTES) {
            int count = Math.min(BUFFER_BYTES, offset + length - at);
            current.in.clear();
            current.in.put(input, at, count).flip();
            inflate(current, output, offset + length - at - count);
        }
    }

    @Override
    public void finish(Output output) {
        if (!betweenFrames) {
            throw output.truncated();
        }
    }

    @Override
    public void close() {
        if (context != null) {
            context.zstd.reset();
            SHELF.putBack(context);
            context = null;
        }
    }

    private void inflate(Context current, Output output, int unread) {
        boolean full = false;
        while (current.in.hasRemaining() || full) {
            current.out.clear().limit(output.room(BUFFER_BYTES));
            int before = current.in.remaining();
            try {
                betweenFrames = current.zstd.decompressDirectByteBufferStream(current.out, current.in);
            } catch (ZstdException e) {
                String reason = e.getMessage() == null ? "invalid data" : e.getMessage();
                throw output.corrupt(reason, unread + current.in.remaining(), e);
            }
            full = !current.out.hasRemaining();
            int count = current.out.flip().remaining();
            if (count == 0 && before > 0 && before == current.in.remaining() && !full) {
                throw output.corrupt("no progress", unread + before, null);
            }
            current.out.get(current.buffer, 0, count);
            output.write(current.buffer, 0, count);
            if (betweenFrames) {
                full = false;
            }
        }
    }

    private Context require() {
        if (context == null) {
            throw new IllegalStateException("closed");
        }
        return context;
    }
}
