package io.weir.ingest.edge;

import io.weir.common.compress.Decompressor;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.ingest.admission.RequestMemory;
import io.weir.ingest.decode.BodyDecoder;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.idempotency.RequestFingerprint;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;

/**
 * The reading of one body: copies each network buffer through a scratch array of the thread, decompresses, decodes, and
 * charges memory as it grows. Never holds the body. Its methods exclude one another, so that whichever of success, error
 * and cancel closes it never frees a decompressor in use; after {@link #close} buffers are only released.
 */
final class BodySession implements AutoCloseable {

    private static final int SCRATCH_BYTES = 128 << 10;

    /** Longest body that is also finished in place. */
    private static final long BRIEF_BYTES = 4 << 20;

    static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[SCRATCH_BYTES]);

    private final Decompressor decompressor;
    private final BodyDecoder decoder;
    private final RequestMemory memory;
    private final long maxWireBytes;
    private final @Nullable RequestFingerprint fingerprint;
    /** Written under the lock of this only. */
    private volatile long wireBytes;

    /** Written under the lock of this only. */
    private volatile long workNanos;

    private boolean closed;
    private volatile boolean inPlace;

    /**
     * Owns the decompressor and the memory.
     *
     * @param fingerprint fed the body as sent, or null
     */
    BodySession(
            Decompressor decompressor,
            BodyDecoder decoder,
            RequestMemory memory,
            long maxWireBytes,
            @Nullable RequestFingerprint fingerprint) {
        this.decompressor = decompressor;
        this.decoder = decoder;
        this.memory = memory;
        this.maxWireBytes = maxWireBytes;
        this.fingerprint = fingerprint;
    }

    /**
     * Decides where the body is read: in place, by the thread that it arrives on, when its pieces are cheap to read and
     * not compressed; otherwise by a worker.
     *
     * @param first the first piece, only looked at; null when there is none
     */
    boolean readsInPlace(@Nullable DataBuffer first) {
        inPlace = first != null && fingerprint == null && decoder.feedsBriefly() && isPlain(first);
        return inPlace;
    }

    private boolean isPlain(DataBuffer piece) {
        byte[] head = new byte[Math.min(Decompressor.MAGIC_BYTES, piece.readableByteCount())];
        for (int i = 0; i < head.length; i++) {
            head[i] = piece.getByte(piece.readPosition() + i);
        }
        return decompressor.passesOn(head);
    }

    /** Whether also the end of the body, or of this session, is so brief that it needs no worker. */
    boolean endsInPlace() {
        return inPlace && decoder.finishesBriefly() && wireBytes <= BRIEF_BYTES;
    }

    /** Bytes of the body that have come, as they were sent. */
    long wireBytes() {
        return wireBytes;
    }

    /** Takes and releases one buffer. */
    synchronized void accept(DataBuffer buffer) {
        long start = System.nanoTime();
        try {
            if (!closed) {
                read(buffer);
            }
        } finally {
            DataBufferUtils.release(buffer);
            worked(start);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    private void worked(long startNanos) {
        workNanos += System.nanoTime() - startNanos;
    }

    /** Time spent decompressing and decoding, without waiting for the client. */
    long workNanos() {
        return workNanos;
    }

    private void read(DataBuffer buffer) {
        long soFar = wireBytes + buffer.readableByteCount();
        wireBytes = soFar;
        requireLength(soFar, maxWireBytes);
        byte[] scratch = SCRATCH.get();
        while (buffer.readableByteCount() > 0) {
            int length = Math.min(scratch.length, buffer.readableByteCount());
            buffer.read(scratch, 0, length);
            if (fingerprint != null) {
                fingerprint.update(scratch, 0, length);
            }
            decompressor.feed(scratch, 0, length, decoder::feed);
        }
    }

    /** Fails with {@code body-too-large} when a body of {@code length} bytes, as sent, is longer than that. */
    static void requireLength(long length, long maxWireBytes) {
        if (length > maxWireBytes) {
            throw new WeirException(
                    CommonError.BODY_TOO_LARGE,
                    "the body is larger than " + maxWireBytes + " bytes (weir.ingest.max-body)",
                    Map.of("limit_bytes", maxWireBytes));
        }
    }

    /** The rows of the whole body. */
    synchronized DecodedWrite finish() {
        if (closed) {
            throw new CancellationException("the request is gone");
        }
        long start = System.nanoTime();
        decompressor.finish(decoder::feed);
        decompressor.close();
        DecodedWrite rows = decoder.finish();
        memory.settle();
        worked(start);
        return rows;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            decompressor.close();
            memory.close();
        }
    }
}
