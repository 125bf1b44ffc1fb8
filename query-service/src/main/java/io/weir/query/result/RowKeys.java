package io.weir.query.result;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Writes rows as JSON objects. Columns of one name are told apart by {@code _1}, {@code _2}, …. */
final class RowKeys {

    /** Each key with what stands before and behind it, eight bytes in a word. */
    private final long[][] words;

    private final int[] lengths;

    private RowKeys(List<byte[]> keys) {
        this.words = new long[keys.size()][];
        this.lengths = new int[keys.size()];
        for (int i = 0; i < words.length; i++) {
            byte[] key = keys.get(i);
            lengths[i] = key.length;
            byte[] padded = Arrays.copyOf(key, (key.length + 7) / 8 * 8);
            words[i] = new long[padded.length / 8];
            for (int word = 0; word < words[i].length; word++) {
                words[i][word] = SpecialBytes.word(padded, word * 8);
            }
        }
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
    void write(TextBytes out, TextColumn[] columns, int row) {
        for (int i = 0; i < columns.length; i++) {
            out.raw(words[i], lengths[i]);
            columns[i].write(out, row);
        }
        out.raw('}');
    }
}
