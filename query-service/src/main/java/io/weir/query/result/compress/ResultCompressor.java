package io.weir.query.result.compress;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Compresses one result chunk by chunk, each flushed, so that what is sent can be read at once. One thread at a time adds
 * and finishes; any thread may close, also meanwhile, and never waits: native memory is then freed by the one that uses it.
 */
public final class ResultCompressor implements AutoCloseable {

    private static final int ZSTD_LEVEL = 1;

    private enum State {
        IDLE,
        BUSY,
        CLOSING,
        CLOSED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
    private final AtomicInteger holders = new AtomicInteger(1);
    private final ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    private final ResultCompression compression;
    private @Nullable OutputStream compressing;

    private ResultCompressor(ResultCompression compression) {
        this.compression = compression;
    }

    /** A compressor for one result, which takes native memory with the first chunk; the caller closes it. */
    public static ResultCompressor of(ResultCompression compression) {
        return new ResultCompressor(compression);
    }

    private OutputStream open() throws IOException {
        OutputStream open = compressing;
        if (open == null) {
            open = switch (compression) {
                case GZIP -> new FlushingGzip(compressed);
                case ZSTD -> new ZstdOutputStreamNoFinalizer(compressed, ZSTD_LEVEL);
                case NONE -> throw new IllegalArgumentException("nothing to compress with");
            };
            compressing = open;
        }
        return open;
    }

    /** What the client has to read to know {@code chunk}. @throws CancellationException when it is closed */
    public byte[] add(byte[] chunk) {
        return drained(() -> {
            OutputStream open = open();
            open.write(chunk);
            open.flush();
        });
    }

    /** The same from any thread: null while the one that makes the result is at it, or when it is closed. */
    public byte @Nullable [] addIfIdle(byte[] chunk) {
        try {
            return add(chunk);
        } catch (CancellationException busyOrClosed) {
            return null;
        }
    }

    /** The end of the stream. @throws CancellationException when it is closed */
    public byte[] finish() {
        return drained(() -> open().close());
    }

    private byte[] drained(Step step) {
        if (!state.compareAndSet(State.IDLE, State.BUSY)) {
            throw new CancellationException("the result is not wanted any more");
        }
        try {
            step.run();
            byte[] bytes = compressed.toByteArray();
            compressed.reset();
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!state.compareAndSet(State.BUSY, State.IDLE)) {
                free();
            }
        }
    }

    /** Takes part in holding it: it is closed when each who does has closed it. */
    public void retain() {
        holders.incrementAndGet();
    }

    @Override
    public void close() {
        if (holders.decrementAndGet() <= 0) {
            closeNow();
        }
    }

    private void closeNow() {
        if (state.compareAndSet(State.IDLE, State.CLOSED)) {
            free();
        } else if (!state.compareAndSet(State.BUSY, State.CLOSING) && state.get() == State.IDLE) {
            closeNow(); // it came to rest in between
        }
    }

    private void free() {
        state.set(State.CLOSED);
        OutputStream open = compressing;
        if (open == null) {
            return;
        }
        try {
            open.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A step of compressing, into memory. */
    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }
}
