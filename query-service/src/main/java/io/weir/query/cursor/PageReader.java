package io.weir.query.cursor;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.storage.duckdb.ResultCursor;
import io.weir.storage.duckdb.ResultReader;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Writes page after page of one result to a file, each a whole document of its format. Used by one thread at a time. */
final class PageReader implements ResultReader<PageReader.Written> {

    /** More of them would be an index of no use in memory. */
    private static final int MOST_PAGES = 100_000;

    private final PagedQuery query;
    private final CursorId id;
    private final SpoolFile file;
    private final long startNanos = System.nanoTime();
    private int page;
    private final AtomicLong rows = new AtomicLong();
    private boolean ended;

    /**
     * A page that is written.
     *
     * @param end where it ends in the file
     * @param rows rows on it
     * @param truncated whether rows behind it were cut off
     * @param last whether none follows
     */
    record Written(long end, int rows, boolean truncated, boolean last) {}

    PageReader(PagedQuery query, CursorId id, SpoolFile file) {
        this.query = query;
        this.id = id;
        this.file = file;
    }

    /** Rows written so far; to be asked by any thread. */
    long rows() {
        return rows.get();
    }

    @Override
    public @Nullable Written read(ResultCursor cursor) throws IOException {
        if (ended) {
            return null;
        }
        if (page == MOST_PAGES) {
            throw new WeirException(
                    QueryError.CURSOR_LIMIT,
                    "the result has more than " + MOST_PAGES + " pages of " + query.pageRows()
                            + " rows (ask for larger pages)",
                    Map.of("max_pages", MOST_PAGES));
        }
        long before = rows.get();
        long left = query.wantedRows() - before;
        boolean isLastWanted = left <= query.pageRows();
        RowLimit limit = new RowLimit(isLastWanted ? left : Long.MAX_VALUE, query.allowedRows(), before);
        cursor.page(isLastWanted ? Long.MAX_VALUE : query.pageRows());
        String[] next = new String[1];
        ResultFormat format = query.format();
        NumberForm numbers = query.numbers();
        ResultReader<byte[]> encoder = format.encoder(limit, startNanos, numbers, () -> {
            next[0] = next(cursor, isLastWanted);
            return next[0];
        });
        for (byte[] chunk = encoder.read(cursor); chunk != null; chunk = encoder.read(cursor)) {
            file.write(chunk);
        }
        if (next[0] == null) {
            next[0] = next(cursor, isLastWanted); // of formats that have no place for it
        }
        rows.addAndGet(limit.rows());
        page++;
        ended = next[0] == null;
        return new Written(file.endPage(), Math.toIntExact(limit.rows()), limit.truncated(), ended);
    }

    private @Nullable String next(ResultCursor cursor, boolean isLastWanted) throws IOException {
        return !isLastWanted && cursor.hasMore() ? id.at(page + 1).text() : null;
    }
}
