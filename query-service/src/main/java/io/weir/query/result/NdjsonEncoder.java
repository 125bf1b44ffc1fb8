package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** One JSON object a row, one row a line; after a failure a last line {@code {"$error":{problem}}}. */
final class NdjsonEncoder extends RowEncoder {

    private static final JsonMapper JSON = new JsonMapper();

    private RowKeys keys = RowKeys.none();

    NdjsonEncoder(RowLimit limit, NumberForm numbers) {
        super(limit, numbers);
    }

    /** The line that ends a stream that failed. */
    static byte[] failure(Map<String, Object> problem) {
        TextBytes line = new TextBytes(512);
        line.raw("{\"$error\":");
        line.raw(JSON.writeValueAsBytes(problem));
        line.raw("}\n");
        return line.copy(0, line.size());
    }

    @Override
    void begin(ResultCursor cursor) {
        keys = RowKeys.of(cursor.columnNames());
    }

    @Override
    void row(TextColumn[] columns, int row, boolean first) {
        keys.write(out, columns, row);
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
