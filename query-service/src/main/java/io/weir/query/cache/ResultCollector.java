package io.weir.query.cache;

import com.github.luben.zstd.Zstd;
import io.weir.common.error.WeirException;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.memory.Reservation;
import io.weir.query.result.compress.ResultCompression;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers the bytes of one result while they are sent, up to a size and only as long as there is memory; what is larger is
 * forgotten at once. One thread at a time adds; any may close it, also meanwhile.
 */
final class ResultCollector implements AutoCloseable {

    private static final int ZSTD_LEVEL = 1;

    private final boolean compress;
    private final long mostBytes;
    private final Reservation memory;
    private final List<CachedResult.Piece> pieces = new ArrayList<>();
    private long bytes;
    private boolean closed;

    /** @param compression that the bytes have already; those without any are compressed here */
    ResultCollector(ResultCompression compression, long mostBytes, MemoryBudget budget) {
        this.compress = compression == ResultCompression.NONE;
        this.mostBytes = mostBytes;
        this.memory = budget.reserve(0);
    }

    /** Adds what is sent next; false when the result is too large to be kept, and what was gathered is gone. */
    boolean add(byte[] chunk) {
        if (chunk.length == 0) {
            return true;
        }
        if (chunk.length > mostBytes) {
            close();
            return false;
        }
        CachedResult.Piece piece = compress
                ? new CachedResult.Piece(Zstd.compress(chunk, ZSTD_LEVEL), chunk.length)
                : new CachedResult.Piece(chunk, 0);
        return add(piece);
    }

    private synchronized boolean add(CachedResult.Piece piece) {
        if (!closed && bytes + piece.sizeBytes() <= mostBytes && reserve(piece.sizeBytes())) {
            bytes += piece.sizeBytes();
            pieces.add(piece);
            return true;
        }
        close();
        return false;
    }

    private boolean reserve(long more) {
        try {
            memory.grow(more);
            return true;
        } catch (WeirException noRoom) {
            return false; // results that are kept are worth less than results that are sent
        }
    }

    /** The whole result. */
    synchronized CachedResult finish(String sql, long rows, boolean truncated) {
        return new CachedResult(sql, pieces, rows, truncated);
    }

    @Override
    public synchronized void close() {
        closed = true;
        pieces.clear();
        memory.close();
    }
}
