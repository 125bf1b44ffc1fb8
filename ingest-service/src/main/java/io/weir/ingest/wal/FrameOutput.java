package io.weir.ingest.wal;

import io.weir.ingest.wal.FrameFormat.FrameHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames into a segment through one fixed buffer: small frames share a write, a large one passes through in
 * slices, so memory does not grow with the size of an append. Owned by the thread that writes the log.
 *
 * <p>After the last frame come 40 zero bytes, which the next frame overwrites. They tell a reader that the log ends here
 * on purpose: what follows may be old frames of a recycled segment.
 */
final class FrameOutput {

    private static final int MIN_BUFFER_BYTES = 1 << 16;
    private static final int MAX_BUFFER_BYTES = 1 << 20;

    private final ByteBuffer buffer;
    private final CRC32C crc = new CRC32C();
    private final UUID walId;
    private @Nullable WalFile file;
    private long limit;
    private long bufferAt;
    private int digested;
    private long bodyEnd;
    private boolean inFrame;

    /** @param segmentBytes usual size of a segment; the buffer need not be larger */
    FrameOutput(UUID walId, long segmentBytes) {
        this.walId = walId;
        this.buffer = ByteBuffer.allocateDirect(
                        (int) Math.max(MIN_BUFFER_BYTES, Math.min(MAX_BUFFER_BYTES, segmentBytes)))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Goes on at the first frame of {@code segment}, of {@code segmentBytes} bytes. */
    void begin(WalFile segment, long segmentBytes) {
        file = segment;
        limit = segmentBytes;
        bufferAt = FrameFormat.SEGMENT_HEADER_BYTES;
        inFrame = false;
        buffer.clear();
    }

    /** Where in the segment the next byte goes. */
    long position() {
        return bufferAt + buffer.position();
    }

    /** The buffer with at least {@code bytes} left, at most 64 KB; whoever asks puts at its position. */
    ByteBuffer room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            drain();
        }
        return buffer;
    }

    /** Puts {@code source[from, from + count)}. */
    void put(byte[] source, int from, int count) throws IOException {
        int done = 0;
        while (done < count) {
            ByteBuffer out = room(1);
            int n = Math.min(out.remaining(), count - done);
            out.put(source, from + done, n);
            done += n;
        }
    }

    /** Starts a frame; exactly its number of body bytes must follow. */
    void startFrame(long segment, FrameHeader header) throws IOException {
        room(FrameFormat.FRAME_HEADER_BYTES);
        crc.reset();
        digested = buffer.position();
        inFrame = true;
        FrameFormat.putFrameHeader(buffer, walId, segment, header);
        bodyEnd = position() + header.bodyBytes();
    }

    /** Ends the frame with its checksum. */
    void endFrame() throws IOException {
        if (position() != bodyEnd) {
            throw new IllegalStateException(
                    "a frame body is " + (position() - bodyEnd) + " bytes longer than measured");
        }
        digest();
        inFrame = false;
        room(2 * Long.BYTES).putInt((int) crc.getValue());
        while ((position() & 7) != 0) {
            buffer.put((byte) 0);
        }
    }

    /** Writes everything out and marks the end of the log; the next frame overwrites the mark. */
    void flush() throws IOException {
        int mark = (int) Math.min(FrameFormat.FRAME_HEADER_BYTES, limit - position());
        room(mark);
        long end = position();
        for (int i = 0; i < mark; i += Long.BYTES) {
            buffer.putLong(0);
        }
        drain();
        bufferAt = end;
    }

    private void drain() throws IOException {
        digest();
        buffer.flip();
        bufferAt = writeFully(Objects.requireNonNull(file, "begin"), buffer, bufferAt);
        buffer.clear();
        digested = 0;
    }

    private void digest() {
        if (inFrame) {
            crc.update(buffer.duplicate().limit(buffer.position()).position(digested));
            digested = buffer.position();
        }
    }

    /** Writes all that remains of {@code from}. @return the position after it */
    static long writeFully(WalFile file, ByteBuffer from, long position) throws IOException {
        long at = position;
        while (from.hasRemaining()) {
            int n = file.write(from, at);
            if (n <= 0) {
                throw new IOException("a write of " + from.remaining() + " bytes wrote nothing");
            }
            at += n;
        }
        return at;
    }
}
