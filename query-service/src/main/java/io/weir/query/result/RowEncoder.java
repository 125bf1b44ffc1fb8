package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import java.io.IOException;
import java.util.List;

/** The frame of an encoder that writes row after row as text. Chunks end where a row ends. */
abstract class RowEncoder extends ResultEncoder<TextBytes> {

    private TextColumn[] columns = new TextColumn[0];
    private int row;
    private int rows;

    RowEncoder(RowLimit limit, NumberForm numbers) {
        super(limit, new TextBytes(CAPACITY, numbers));
    }

    /** The writers of the columns of a result that has a batch. */
    List<TextColumn> columns(ResultCursor cursor) throws IOException {
        return JsonColumns.of(cursor);
    }

    /** Writes one row; {@code first} when no row came before it. */
    abstract void row(TextColumn[] columns, int row, boolean first);

    /** Writes what comes after the rows. */
    abstract void end() throws IOException;

    @Override
    final boolean divisible() {
        return false;
    }

    @Override
    final boolean hasRows() {
        return row < rows;
    }

    @Override
    final boolean more(ResultCursor cursor) throws IOException {
        if (row == rows) {
            if (!cursor.advance()) {
                end();
                return false;
            }
            if (columns.length == 0) {
                columns = columns(cursor).toArray(TextColumn[]::new);
            }
            row = cursor.firstRow();
            rows = cursor.endRow();
            for (TextColumn column : columns) {
                column.load(rows);
            }
        }
        while (row < rows && out.size() < CHUNK_BYTES) {
            boolean first = limit.rows() == 0;
            if (limit.take(1) == 0) {
                end();
                return false;
            }
            row(columns, row, first);
            row++;
        }
        return true;
    }
}
