package io.weir.query.cache;

import com.github.luben.zstd.Zstd;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A result as processes hand it to each other. What is not exactly as it was written is no result.
 *
 * <pre>
 *   layout (1 byte) · truncated (1) · CRC32C of what follows (4) · rows (8) · statement's bytes (4) · statement, UTF-8
 *   · pieces (4) · of each: bytes once decompressed, 0 when sent as they are (4) · bytes (4) · the bytes
 * </pre>
 */
final class ResultBytes {

    private static final byte LAYOUT = 1;
    private static final int CHECKED_FROM = 6;
    private static final int HEAD_BYTES = CHECKED_FROM + Long.BYTES + 2 * Integer.BYTES;
    private static final int PIECE_HEAD_BYTES = 2 * Integer.BYTES;

    /** Most bytes a piece may become: that many are made at once. */
    private static final int LARGEST_PIECE = 64 << 20;

    private ResultBytes() {}

    /** Bytes of {@link #write}. */
    static long size(CachedResult result) {
        long size = HEAD_BYTES + result.sql().length() * 3L;
        for (CachedResult.Piece piece : result.pieces()) {
            size += PIECE_HEAD_BYTES + piece.bytes().length;
        }
        return size;
    }

    static byte[] write(CachedResult result) {
        byte[] sql = result.sql().getBytes(StandardCharsets.UTF_8);
        int size = HEAD_BYTES + sql.length;
        for (CachedResult.Piece piece : result.pieces()) {
            size = Math.addExact(size, PIECE_HEAD_BYTES + piece.bytes().length);
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.put(LAYOUT).put((byte) (result.truncated() ? 1 : 0)).putInt(0).putLong(result.rows());
        out.putInt(sql.length).put(sql).putInt(result.pieces().size());
        for (CachedResult.Piece piece : result.pieces()) {
            out.putInt(piece.rawBytes()).putInt(piece.bytes().length).put(piece.bytes());
        }
        return out.putInt(CHECKED_FROM - Integer.BYTES, checksum(out.array())).array();
    }

    private static int checksum(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, CHECKED_FROM, bytes.length - CHECKED_FROM);
        return (int) checksum.getValue();
    }

    /** The result; null when the bytes are none. */
    static @Nullable CachedResult read(byte[] bytes) {
        if (bytes.length < HEAD_BYTES || bytes[0] != LAYOUT) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        boolean truncated = in.get() != 0;
        if (in.getInt() != checksum(bytes)) {
            return null;
        }
        try {
            long rows = in.getLong();
            String sql = new String(next(in), StandardCharsets.UTF_8);
            int count = in.getInt();
            List<CachedResult.Piece> pieces = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int raw = in.getInt();
                byte[] piece = next(in);
                if (raw < 0 || raw > LARGEST_PIECE || (raw > 0 && Zstd.getFrameContentSize(piece) != raw)) {
                    return null;
                }
                pieces.add(new CachedResult.Piece(piece, raw));
            }
            return in.hasRemaining() ? null : new CachedResult(sql, pieces, rows, truncated);
        } catch (BufferUnderflowException cutOff) {
            return null;
        }
    }

    private static byte[] next(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
