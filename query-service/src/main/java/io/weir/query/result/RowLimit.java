package io.weir.query.result;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import java.util.Map;

/** Counts the rows and bytes of one result against what the client and the server allow. Used by one thread at a time. */
public final class RowLimit {

    private final long wanted;
    private final long allowed;
    private final long allowedBytes;
    private final long before;
    private long rows;
    private long bytes;
    private boolean truncated;

    /**
     * @param wanted rows the client wants at most; more are cut off and the cut is told
     * @param allowed rows the server allows at most; more fail the query
     */
    public RowLimit(long wanted, long allowed) {
        this(wanted, allowed, 0);
    }

    /** @param before rows of the result that are not counted here, but of those the server allows */
    public RowLimit(long wanted, long allowed, long before) {
        this(wanted, allowed, before, Long.MAX_VALUE);
    }

    /**
     * @param wanted rows the client wants at most; more are cut off and the cut is told
     * @param allowed rows the server allows at most; more fail the query
     * @param before rows of the result that are not counted here, but of those the server allows
     * @param allowedBytes bytes, before compression, that the server allows at most; more fail the query
     */
    public RowLimit(long wanted, long allowed, long before, long allowedBytes) {
        this.wanted = wanted;
        this.allowed = allowed;
        this.before = before;
        this.allowedBytes = allowedBytes;
    }

    /** Counts bytes of the result. @throws WeirException {@code byte-limit} */
    void takeBytes(int count) {
        bytes += count;
        if (bytes > allowedBytes) {
            throw new WeirException(
                    QueryError.BYTE_LIMIT,
                    "the result has more than " + allowedBytes + " bytes, which is the most this server sends",
                    Map.of("max_bytes", allowedBytes));
        }
    }

    /**
     * Takes rows of those that are there.
     *
     * @param offered rows that are there, 1 or more
     * @return the first how many of them belong to the result; fewer than offered when the client wants no more
     * @throws WeirException {@code row-limit}
     */
    int take(int offered) {
        long mayFollow = allowed - before;
        long free = Math.min(wanted, mayFollow) - rows;
        if (offered <= free) {
            rows += offered;
            return offered;
        }
        if (mayFollow < wanted) {
            throw new WeirException(
                    QueryError.ROW_LIMIT,
                    "the result has more than " + allowed + " rows, which is the most this server sends",
                    Map.of("max_rows", allowed));
        }
        truncated = true;
        rows += free;
        return (int) free;
    }

    /** Rows the client wants at most; {@link Long#MAX_VALUE} for all. */
    public long wanted() {
        return wanted;
    }

    /** Rows taken. */
    public long rows() {
        return rows;
    }

    /** Whether rows were cut off. */
    public boolean truncated() {
        return truncated;
    }
}
