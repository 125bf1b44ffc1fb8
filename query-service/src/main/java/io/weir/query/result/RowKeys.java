package io.weir.query.result;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Writes rows as JSON objects. Columns of one name are told apart by {@code _1}, {@code _2}, …. */
final class RowKeys {

    private final List<byte[]> keys;

    private RowKeys(List<byte[]> keys) {
        this.keys = keys;
    }

    static RowKeys none() {
        return new RowKeys(List.of());
    }

    /** The keys of columns with those names. */
    static RowKeys of(List<String> names) {
        List<byte[]> keys = new ArrayList<>();
        for (String unique : unique(names)) {
            TextBytes key = new TextBytes(unique.length() + 8);
            key.raw(keys.isEmpty() ? '{' : ',');
            key.string(unique);
            key.raw(':');
            keys.add(key.copy(0, key.size()));
        }
        return new RowKeys(keys);
    }

    /** The names, each told apart from those before it. */
    static List<String> unique(List<String> names) {
        Set<String> taken = new LinkedHashSet<>();
        for (String name : names) {
            String unique = name;
            for (int n = 1; !taken.add(unique); n++) {
                unique = name + "_" + n;
            }
        }
        return List.copyOf(taken);
    }

    /** Writes one row as an object. */
    void write(TextBytes out, List<TextColumn> columns, int row) {
        for (int i = 0; i < columns.size(); i++) {
            out.raw(keys.get(i));
            columns.get(i).write(out, row);
        }
        out.raw('}');
    }
}
