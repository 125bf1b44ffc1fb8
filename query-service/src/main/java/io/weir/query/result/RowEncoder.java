package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import io.weir.storage.duckdb.ResultReader;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;

/**
 * The frame of an encoder that writes row after row: fills a buffer, gives it out, and goes on where it stopped when it is
 * asked again. Used by one thread at a time.
 */
abstract class RowEncoder implements ResultReader<DataBuffer> {

    private static final int BUFFER_BYTES = 32 * 1024;

    private final DataBufferFactory buffers;
    private final RowLimit limit;
    private final JsonBytes out = new JsonBytes(BUFFER_BYTES + BUFFER_BYTES / 4);
    private List<JsonColumn> columns = List.of();
    private boolean begun;
    private boolean ended;
    private int row;
    private int rows;

    RowEncoder(DataBufferFactory buffers, RowLimit limit) {
        this.buffers = buffers;
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
    public @Nullable DataBuffer read(ResultCursor cursor) throws IOException {
        if (!begun) {
            begun = true;
            begin(out, cursor);
        }
        while (!ended && out.size() < BUFFER_BYTES) {
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
        while (row < rows && out.size() < BUFFER_BYTES) {
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

    private DataBuffer drain() {
        DataBuffer buffer = buffers.allocateBuffer(out.size());
        buffer.write(out.array(), 0, out.size());
        out.clear();
        return buffer;
    }
}
