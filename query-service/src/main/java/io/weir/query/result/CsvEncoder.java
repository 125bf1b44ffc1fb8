package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** CSV (RFC 4180) with a header line. A null is an empty cell, an empty string {@code ""}. */
final class CsvEncoder extends RowEncoder {

    CsvEncoder(RowLimit limit) {
        super(limit, NumberForm.NUMBER);
    }

    @Override
    void begin(ResultCursor cursor) {
        List<String> names = cursor.columnNames();
        for (int i = 0; i < names.size(); i++) {
            if (i > 0) {
                out.raw(',');
            }
            byte[] name = names.get(i).getBytes(StandardCharsets.UTF_8);
            out.cell(name, 0, name.length);
        }
        endLine();
    }

    @Override
    List<TextColumn> columns(ResultCursor cursor) throws IOException {
        return CsvColumns.of(cursor);
    }

    @Override
    void row(TextColumn[] columns, int row, boolean first) {
        for (int i = 0; i < columns.length; i++) {
            if (i > 0) {
                out.raw(',');
            }
            columns[i].write(out, row);
        }
        endLine();
    }

    private void endLine() {
        out.raw('\r');
        out.raw('\n');
    }

    @Override
    void end() {
        // A line that is not a row would be taken for one.
    }

    @Override
    boolean eager() {
        return true;
    }
}
