package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import io.weir.storage.duckdb.ResultReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frame of an encoder that writes row after row: fills a chunk, gives it out, and goes on where it stopped when it is
 * asked again. Chunks are plain arrays, so that one that is dropped on its way, as on a cancel, is nobody's leak. Used by
 * one thread at a time.
 */
abstract class RowEncoder implements ResultReader<byte[]> {

    private static final int CHUNK_BYTES = 32 * 1024;

    private final RowLimit limit;
    private final JsonBytes out = new JsonBytes(CHUNK_BYTES + CHUNK_BYTES / 4);
    private List<JsonColumn> columns = List.of();
    private boolean begun;
    private boolean ended;
    private int row;
    private int rows;

    RowEncoder(RowLimit limit) {
        this.limit = limit;
    }

    /** Writes what comes before the rows. */
    abstract void begin(JsonBytes out, ResultCursor cursor);

    /** Writes one row; {@code first} when no row came before it. */
    abstract void row(JsonBytes out, List<JsonColumn> columns, int row, boolean first);

    /** Writes what comes after the rows. */
    abstract void end(JsonBytes out, RowLimit limit);

    /** Whether rows are given out as soon as a batch is done, however few. */
    abstract boolean eager();

    @Override
    public byte @Nullable [] read(ResultCursor cursor) throws IOException {
        if (!begun) {
            begun = true;
            begin(out, cursor);
        }
        while (!ended && out.size() < CHUNK_BYTES) {
            if (row < rows) {
                writeRows();
                if (eager() && row == rows) {
                    break;
                }
            } else if (cursor.advance()) {
                if (columns.isEmpty()) {
                    columns = JsonColumn.of(cursor);
                }
                row = 0;
                rows = cursor.batch().getRowCount();
            } else {
                finish();
            }
        }
        return out.size() == 0 ? null : drain();
    }

    private void writeRows() {
        while (row < rows && out.size() < CHUNK_BYTES) {
            boolean first = limit.rows() == 0;
            if (!limit.take()) {
                finish();
                return;
            }
            row(out, columns, row, first);
            row++;
        }
    }

    private void finish() {
        ended = true;
        end(out, limit);
    }

    private byte[] drain() {
        byte[] chunk = Arrays.copyOf(out.array(), out.size());
        out.clear();
        return chunk;
    }
}
