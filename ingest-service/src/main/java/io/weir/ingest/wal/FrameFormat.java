package io.weir.ingest.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes around a batch: segment headers and frames. All numbers are little-endian.
 *
 * <pre>
 * segment   header (64) | frame | frame | … | 40 zero bytes | whatever was there before
 *
 * segment header                          frame header (40), at a multiple of 8
 *   0  8  "WEIRWAL\0"                        0  4  "WFRM"
 *   8  4  format version, 2                  4  4  CRC32C of wal id and bytes 8–39
 *  12  4  CRC32C of the other 60 bytes       8  8  segment number
 *  16 16  wal id                            16  8  sequence of the first batch
 *  32  8  segment number                    24  4  bytes of the body
 *  40  8  least sequence in the segment     28  4  number of batches
 *  48  8  bytes of the segment              32  4  kind: 1 append, 2 end, 3 keyed append
 *  56  8  zero                              36  4  zero
 *                                         body:    organisation, database, key if keyed, batches
 *                                         trailer: 4 CRC32C of header and body, then zeros to a multiple of 8
 * </pre>
 *
 * <p>A recycled segment is full of old frames. They carry the number of the segment they were written for, under a
 * checksum, so none of them is ever taken for a frame of the new one. The wal id in the checksum is random and never
 * leaves the server: no client can write a value that reads as a frame. An end frame has no body and no trailer; what
 * follows it is void.
 */
final class FrameFormat {

    static final int VERSION = 2;

    /** Oldest version that is still replayed. */
    static final int OLDEST_VERSION = 1;

    static final int SEGMENT_HEADER_BYTES = 64;
    static final int FRAME_HEADER_BYTES = 40;
    static final int TRAILER_BYTES = 4;
    static final int FRAME_MAGIC = 0x4D524657;
    static final int KIND_APPEND = 1;
    static final int KIND_END = 2;

    /** An append with a {@link WriteKey}; since version 2. */
    static final int KIND_KEYED_APPEND = 3;

    /** Largest body: a frame is read back into one array. */
    static final long MAX_BODY_BYTES = Integer.MAX_VALUE - 1024;

    private static final long SEGMENT_MAGIC = 0x004C415752494557L;

    private FrameFormat() {}

    /** Whether segments of that version are replayed. */
    static boolean canRead(int version) {
        return version >= OLDEST_VERSION && version <= VERSION;
    }

    /** Bytes a frame with that body takes, a multiple of 8. */
    static long frameBytes(long bodyBytes) {
        return (FRAME_HEADER_BYTES + bodyBytes + TRAILER_BYTES + 7) & ~7L;
    }

    record FrameHeader(long baseSequence, int bodyBytes, int batches, int kind) {
        long frameBytes() {
            return FrameFormat.frameBytes(bodyBytes);
        }
    }

    record SegmentHeader(int version, UUID walId, long number, long firstSequence, long bytes) {}

    /** Puts a frame header at the position of a little-endian buffer with at least 40 bytes left. */
    static void putFrameHeader(ByteBuffer out, UUID walId, long segment, FrameHeader header) {
        int at = out.position();
        out.putInt(FRAME_MAGIC).putInt(0).putLong(segment).putLong(header.baseSequence());
        out.putInt(header.bodyBytes())
                .putInt(header.batches())
                .putInt(header.kind())
                .putInt(0);
        out.putInt(at + 4, frameHeaderCrc(out, at, walId));
    }

    /** The frame header at {@code at}, or null when there is no intact one that belongs to that segment of that log. */
    static @Nullable FrameHeader frameHeader(ByteBuffer in, int at, UUID walId, long segment) {
        if (in.getInt(at) != FRAME_MAGIC
                || in.getInt(at + 4) != frameHeaderCrc(in, at, walId)
                || in.getLong(at + 8) != segment) {
            return null;
        }
        FrameHeader header =
                new FrameHeader(in.getLong(at + 16), in.getInt(at + 24), in.getInt(at + 28), in.getInt(at + 32));
        boolean append = (header.kind() == KIND_APPEND || header.kind() == KIND_KEYED_APPEND)
                && header.baseSequence() > 0
                && header.bodyBytes() > 0
                && header.bodyBytes() <= MAX_BODY_BYTES
                && header.batches() > 0;
        return append || header.kind() == KIND_END ? header : null;
    }

    /** A segment header in a buffer of its own. */
    static ByteBuffer segmentHeader(SegmentHeader header) {
        ByteBuffer out = ByteBuffer.allocate(SEGMENT_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(SEGMENT_MAGIC).putInt(header.version()).putInt(0);
        putUuid(out, header.walId());
        out.putLong(header.number()).putLong(header.firstSequence()).putLong(header.bytes());
        return out.putInt(12, segmentHeaderCrc(out)).rewind();
    }

    /** The segment header in the first 64 bytes of a little-endian buffer, or null when there is no intact one. */
    static @Nullable SegmentHeader segmentHeader(ByteBuffer in) {
        if (in.limit() < SEGMENT_HEADER_BYTES
                || in.getLong(0) != SEGMENT_MAGIC
                || in.getInt(12) != segmentHeaderCrc(in)) {
            return null;
        }
        UUID walId = new UUID(in.getLong(16), in.getLong(24));
        return new SegmentHeader(in.getInt(8), walId, in.getLong(32), in.getLong(40), in.getLong(48));
    }

    static void putUuid(ByteBuffer out, UUID id) {
        out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    private static int frameHeaderCrc(ByteBuffer bytes, int at, UUID walId) {
        CRC32C crc = new CRC32C();
        ByteBuffer id = ByteBuffer.allocate(16);
        putUuid(id, walId);
        crc.update(id.flip());
        crc.update(bytes.duplicate().limit(at + FRAME_HEADER_BYTES).position(at + 8));
        return (int) crc.getValue();
    }

    private static int segmentHeaderCrc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().limit(12).position(0));
        crc.update(bytes.duplicate().limit(SEGMENT_HEADER_BYTES).position(16));
        return (int) crc.getValue();
    }
}
