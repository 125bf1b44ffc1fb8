package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One JSON object a row, one row a line. Columns of one name are told apart by {@code _1}, {@code _2}, …. */
final class NdjsonEncoder extends RowEncoder {

    private List<byte[]> keys = List.of();

    NdjsonEncoder(RowLimit limit) {
        super(limit);
    }

    @Override
    void begin(JsonBytes out, ResultCursor cursor) {
        keys = keys(cursor.columnNames());
    }

    private static List<byte[]> keys(List<String> names) {
        Set<String> taken = new HashSet<>();
        List<byte[]> keys = new ArrayList<>();
        for (String name : names) {
            String unique = name;
            for (int n = 1; !taken.add(unique); n++) {
                unique = name + "_" + n;
            }
            JsonBytes key = new JsonBytes(unique.length() + 8);
            key.raw(keys.isEmpty() ? '{' : ',');
            key.string(unique);
            key.raw(':');
            keys.add(Arrays.copyOf(key.array(), key.size()));
        }
        return keys;
    }

    @Override
    void row(JsonBytes out, List<JsonColumn> columns, int row, boolean first) {
        for (int i = 0; i < columns.size(); i++) {
            out.raw(keys.get(i));
            columns.get(i).write(out, row);
        }
        out.raw('}');
        out.raw('\n');
    }

    @Override
    void end(JsonBytes out, RowLimit limit) {
        // A line that is not a row would be taken for one.
    }

    @Override
    boolean eager() {
        return true;
    }
}
