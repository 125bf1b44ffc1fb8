package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;

/** One JSON array with one object a row, as InfluxDB 3 answers. */
final class JsonRowsEncoder extends RowEncoder {

    private RowKeys keys = RowKeys.none();

    JsonRowsEncoder(RowLimit limit, NumberForm numbers) {
        super(limit, numbers);
    }

    @Override
    void begin(ResultCursor cursor) {
        keys = RowKeys.of(cursor.columnNames());
        out.raw('[');
    }

    @Override
    void row(TextColumn[] columns, int row, boolean first) {
        if (!first) {
            out.raw(',');
        }
        keys.write(out, columns, row);
    }

    @Override
    void end() {
        out.raw(']');
    }

    @Override
    boolean eager() {
        return false;
    }
}
