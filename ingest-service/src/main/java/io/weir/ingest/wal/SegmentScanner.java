package io.weir.ingest.wal;

import io.weir.ingest.wal.FrameFormat.FrameHeader;
import io.weir.ingest.wal.FrameFormat.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the segment files of earlier runs, one at a time, through a fixed window and one array for the frame at hand.
 * Believes only what a checksum covers. Used by one thread.
 */
final class SegmentScanner {

    private static final int WINDOW_BYTES = 1 << 18;

    private @Nullable WalFile file;
    private long number;
    private long size;
    private final ByteBuffer window = ByteBuffer.allocateDirect(WINDOW_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .limit(0);
    private long windowAt;
    private byte[] body = new byte[0];

    /** Turns to another file, which stays the caller's. */
    void begin(WalFile segment, long segmentNumber) throws IOException {
        file = segment;
        number = segmentNumber;
        size = segment.size();
        window.limit(0);
        windowAt = 0;
    }

    long size() {
        return size;
    }

    /** The segment header, or null when there is no intact one. */
    @Nullable
    SegmentHeader segmentHeader() throws IOException {
        if (size < FrameFormat.SEGMENT_HEADER_BYTES) {
            return null;
        }
        int at = view(0, FrameFormat.SEGMENT_HEADER_BYTES);
        return FrameFormat.segmentHeader(
                window.slice(at, FrameFormat.SEGMENT_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** The intact frame header of this segment at {@code position}, or null. */
    @Nullable
    FrameHeader frameHeader(UUID walId, long position) throws IOException {
        if (size - position < FrameFormat.FRAME_HEADER_BYTES) {
            return null;
        }
        return FrameFormat.frameHeader(window, view(position, FrameFormat.FRAME_HEADER_BYTES), walId, number);
    }

    /** Reads the body of the frame at {@code position}; false when it is not all there or its checksum is wrong. */
    boolean readBody(long position, FrameHeader header) throws IOException {
        int bytes = header.bodyBytes();
        long end = position + FrameFormat.FRAME_HEADER_BYTES + bytes + FrameFormat.TRAILER_BYTES;
        if (end > size) {
            return false;
        }
        if (body.length < bytes) {
            body = new byte[bytes];
        }
        CRC32C crc = new CRC32C();
        int at = view(position, FrameFormat.FRAME_HEADER_BYTES);
        crc.update(window.slice(at, FrameFormat.FRAME_HEADER_BYTES));
        long from = position + FrameFormat.FRAME_HEADER_BYTES;
        for (int done = 0; done < bytes; ) {
            int n = Math.min(WINDOW_BYTES, bytes - done);
            window.get(view(from + done, n), body, done, n);
            done += n;
        }
        crc.update(body, 0, bytes);
        return window.getInt(view(end - FrameFormat.TRAILER_BYTES, FrameFormat.TRAILER_BYTES)) == (int) crc.getValue();
    }

    /** The body last read; longer than the frame. */
    byte[] body() {
        return body;
    }

    /** Position of the first intact frame header of this segment at or after {@code from}, or -1. */
    long findFrame(UUID walId, long from) throws IOException {
        long at = (from + 7) & ~7L;
        while (size - at >= FrameFormat.FRAME_HEADER_BYTES) {
            int n = (int) Math.min(WINDOW_BYTES, size - at) & ~7;
            int start = view(at, n);
            int last = n - FrameFormat.FRAME_HEADER_BYTES;
            for (int i = 0; i <= last; i += 8) {
                if (window.getInt(start + i) == FrameFormat.FRAME_MAGIC
                        && FrameFormat.frameHeader(window, start + i, walId, number) != null) {
                    return at + i;
                }
            }
            at += last + 8;
        }
        return -1;
    }

    /** Position after the last byte in {@code [from, size)} that is not zero, or {@code from}. */
    long contentEnd(long from) throws IOException {
        for (long to = size; to > from; ) {
            int n = (int) Math.min(WINDOW_BYTES, to - from);
            int start = view(to - n, n);
            for (int i = n - 1; i >= 0; i--) {
                if (window.get(start + i) != 0) {
                    return to - n + i + 1;
                }
            }
            to -= n;
        }
        return from;
    }

    /** Whether the log ends on purpose at {@code position}: the mark of 40 zero bytes, or the end of the file. */
    boolean isEndMark(long position) throws IOException {
        int n = (int) Math.min(FrameFormat.FRAME_HEADER_BYTES, Math.max(0, size - position));
        byte[] mark = new byte[n];
        window.get(view(position, n), mark);
        return Arrays.equals(mark, new byte[n]);
    }

    /** Copies {@code [from, to)} into another file. */
    void copy(long from, long to, WalFile target) throws IOException {
        for (long done = 0; done < to - from; ) {
            int n = (int) Math.min(WINDOW_BYTES, to - from - done);
            FrameOutput.writeFully(target, window.slice(view(from + done, n), n), done);
            done += n;
        }
    }

    /** Index in the window of the byte at {@code position}, with {@code bytes} bytes from there in the window. */
    private int view(long position, int bytes) throws IOException {
        if (position < windowAt || position + bytes > windowAt + window.limit()) {
            window.clear();
            windowAt = position;
            int read = 1;
            while (read > 0 && window.hasRemaining()) {
                read = Objects.requireNonNull(file, "begin").read(window, position + window.position());
            }
            window.flip();
            if (window.limit() < bytes) {
                throw new IOException("segment " + number + " ends at byte " + (position + window.limit()));
            }
        }
        return (int) (position - windowAt);
    }
}
