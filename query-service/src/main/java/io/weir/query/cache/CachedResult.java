package io.weir.query.cache;

import com.github.luben.zstd.Zstd;
import java.util.List;
import reactor.core.publisher.Flux;

/**
 * A whole result as it is kept: the very bytes that were sent, or, of one that was sent as it is, those bytes compressed. Never
 * modified; whoever sends its bytes must not modify them either.
 *
 * @param sql the statement, for whoever looks for it
 * @param pieces in order
 * @param rows rows of the result
 * @param truncated whether rows were cut off
 */
record CachedResult(String sql, List<Piece> pieces, long rows, boolean truncated) {

    private static final int PIECE_OVERHEAD_BYTES = 48;

    /** A run of bytes. */
    static final class Piece {

        private final byte[] bytes;
        private final int rawBytes;

        /**
         * @param bytes what is held, from now on the piece's own
         * @param rawBytes how many they are once decompressed; 0 when they are sent as they are
         */
        Piece(byte[] bytes, int rawBytes) {
            this.bytes = bytes;
            this.rawBytes = rawBytes;
        }

        /** The bytes to send. */
        byte[] open() {
            return rawBytes == 0 ? bytes : Zstd.decompress(bytes, rawBytes);
        }

        /** What is held. */
        byte[] bytes() {
            return bytes;
        }

        /** How many they are once decompressed; 0 when they are sent as they are. */
        int rawBytes() {
            return rawBytes;
        }

        long sizeBytes() {
            return (long) bytes.length + PIECE_OVERHEAD_BYTES;
        }
    }

    CachedResult {
        pieces = List.copyOf(pieces);
    }

    /** The bytes to send, a piece at a time, opened when it is asked for. */
    Flux<byte[]> body() {
        return Flux.fromIterable(pieces).map(Piece::open);
    }

    /** Bytes it holds. */
    long sizeBytes() {
        long bytes = 2L * sql.length() + PIECE_OVERHEAD_BYTES;
        for (Piece piece : pieces) {
            bytes += piece.sizeBytes();
        }
        return bytes;
    }
}
