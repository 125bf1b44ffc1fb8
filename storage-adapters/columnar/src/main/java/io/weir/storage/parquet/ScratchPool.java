package io.weir.storage.parquet;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Scratches that wait for their next file, at most {@link #IDLE}: small files would else spend their time on making buffers
 * and native contexts. Thread-safe.
 */
final class ScratchPool implements AutoCloseable {

    private static final int IDLE = 2;

    private final DataFileOptions options;
    private final Deque<EncoderScratch> idle = new ArrayDeque<>(IDLE);
    private boolean closed;

    ScratchPool(DataFileOptions options) {
        this.options = options;
    }

    /** A scratch that is the caller's until {@link #release}. */
    EncoderScratch acquire() {
        EncoderScratch waiting = poll();
        return waiting == null ? new EncoderScratch(options) : waiting;
    }

    /** Takes a scratch back, whatever state it is in. */
    void release(EncoderScratch scratch) {
        scratch.trim();
        synchronized (this) {
            if (!closed && idle.size() < IDLE) {
                idle.push(scratch);
                return;
            }
        }
        scratch.release();
    }

    /** Frees what waits now, and what is in use as soon as it comes back. */
    @Override
    public synchronized void close() {
        closed = true;
        idle.forEach(EncoderScratch::release);
        idle.clear();
    }

    private synchronized @Nullable EncoderScratch poll() {
        return idle.poll();
    }
}
