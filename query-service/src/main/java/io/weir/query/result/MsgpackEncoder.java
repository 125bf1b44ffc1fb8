package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A stream of MessagePack maps: {@code {"columns", "types"}}, then {@code {"data"}} with an array a column for each run of
 * rows, then {@code {"row_count", …}} or, from {@link #failure}, {@code {"error"}}. The format is described in
 * {@code docs/formats/results.md}. A chunk is a run: none is cut, so that a failure stands between two maps.
 */
final class MsgpackEncoder extends ResultEncoder<MsgpackBytes> {

    private final long startNanos;
    private List<MsgpackColumn> columns = List.of();
    private int row;
    private int rows;

    MsgpackEncoder(RowLimit limit, long startNanos) {
        super(limit, new MsgpackBytes(CAPACITY));
        this.startNanos = startNanos;
    }

    /** The map that ends a stream that failed. */
    static byte[] failure(Map<String, Object> problem) {
        MsgpackBytes out = new MsgpackBytes(512);
        out.map(1);
        out.string("error");
        out.any(problem);
        return out.copy(0, out.size());
    }

    @Override
    void begin(ResultCursor cursor) {
        out.map(2);
        out.string("columns");
        out.any(cursor.columnNames());
        out.string("types");
        out.any(cursor.columnTypes());
    }

    @Override
    boolean more(ResultCursor cursor) throws IOException {
        if (row == rows) {
            if (!cursor.advance()) {
                return end();
            }
            if (columns.isEmpty()) {
                columns = MsgpackColumns.of(cursor);
            }
            row = cursor.firstRow();
            rows = cursor.endRow();
        }
        int offered = Math.min(rows - row, BatchSize.rows(cursor.batch(), CHUNK_BYTES));
        int taken = limit.take(offered);
        if (taken > 0) {
            write(taken);
        }
        return taken == offered || end();
    }

    private void write(int count) {
        out.map(1);
        out.string("data");
        out.array(columns.size());
        for (MsgpackColumn column : columns) {
            out.array(count);
            for (int i = row; i < row + count; i++) {
                column.write(out, i);
            }
        }
        row += count;
    }

    private boolean end() {
        out.map(limit.truncated() ? 3 : 2);
        out.string("row_count");
        out.integer(limit.rows());
        out.string("execution_time_ms");
        out.integer(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
        if (limit.truncated()) {
            out.string("truncated");
            out.bool(true);
        }
        return false;
    }

    @Override
    boolean hasRows() {
        return row < rows;
    }

    @Override
    boolean eager() {
        return true;
    }

    @Override
    boolean divisible() {
        return false;
    }
}
