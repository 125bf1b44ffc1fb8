package io.weir.storage.parquet;

import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes one series table of the tables of many batches: first every series gets an id in order of first sight ({@link
 * #local}, {@link Local#identify}), then {@link #finish} sorts dictionaries and series, so that the order of codes is the order
 * of values and the order of series is that of their tags, an absent tag first.
 */
final class SeriesUnifier {

    private final List<String> tagNames;
    private final int tags;
    private final Utf8Interner[] values;
    private final IdentityHashMap<SeriesTable, Local> locals = new IdentityHashMap<>();
    private final @Nullable Local[] recent = new Local[4];
    private int oldest;
    /** Series by id: one number a tag, 0 when absent, else the value's interned number plus 1. */
    private int[] tuples;

    private int[] hashes = new int[16];
    private int[] slots = new int[32];
    private int size;

    /** @param tagNames names of the tags in sort order */
    SeriesUnifier(List<String> tagNames) {
        this.tagNames = tagNames;
        this.tags = tagNames.size();
        this.values = new Utf8Interner[tags];
        Arrays.setAll(values, tag -> new Utf8Interner());
        this.tuples = new int[16 * tags];
    }

    /** How series of that table map to ids. */
    Local local(SeriesTable table) {
        Local known = locals.get(table);
        if (known == null) {
            known = like(table);
            if (known == null) {
                known = new Local(table);
                recent[oldest] = known;
                oldest = (oldest + 1) % recent.length;
            }
            locals.put(table, known);
        }
        return known;
    }

    /** A table of the last few that says the same: senders repeat themselves, and to compare is faster than to unify. */
    private @Nullable Local like(SeriesTable table) {
        for (Local local : recent) {
            if (local != null && isSame(local.table, table)) {
                return local;
            }
        }
        return null;
    }

    private static boolean isSame(SeriesTable a, SeriesTable b) {
        if (a.size() != b.size() || !a.tagNames().equals(b.tagNames())) {
            return false;
        }
        for (int tag = 0; tag < a.tagNames().size(); tag++) {
            if (!Arrays.equals(a.codes(tag), 0, a.size(), b.codes(tag), 0, a.size())
                    || !a.dictionary(tag).isSame(b.dictionary(tag))) {
                return false;
            }
        }
        return true;
    }

    /** Number of series seen. */
    int size() {
        return size;
    }

    /** Sorts what was seen. */
    Unified finish() {
        SortedTag[] sorted = new SortedTag[tags];
        int[] order = new int[size];
        for (int id = 0; id < size; id++) {
            order[id] = id;
        }
        for (int tag = tags - 1; tag >= 0; tag--) {
            sorted[tag] = sort(tag);
            order = countingSort(order, tag, sorted[tag]);
        }
        int[] rankOf = new int[size];
        int[][] codes = new int[tags][size];
        for (int rank = 0; rank < size; rank++) {
            rankOf[order[rank]] = rank;
            for (int tag = 0; tag < tags; tag++) {
                codes[tag][rank] = sorted[tag].keyOf[tuples[order[rank] * tags + tag]] - 1;
            }
        }
        Utf8Dictionary[] dictionaries = new Utf8Dictionary[tags];
        Arrays.setAll(dictionaries, tag -> sorted[tag].dictionary);
        return new Unified(new SeriesTable(size, tagNames, codes, dictionaries), rankOf);
    }

    /** The one table of sorted series, and per id its place there. */
    static final class Unified {
        private final SeriesTable table;
        private final int[] rankOf;

        private Unified(SeriesTable table, int[] rankOf) {
            this.table = table;
            this.rankOf = rankOf;
        }

        SeriesTable table() {
            return table;
        }

        int[] rankOf() {
            return rankOf;
        }
    }

    /** The values of one tag ascending, and per number in {@link #tuples} its place there plus 1. */
    private static final class SortedTag {
        private final Utf8Dictionary dictionary;
        private final int[] keyOf;

        private SortedTag(Utf8Dictionary dictionary, int[] keyOf) {
            this.dictionary = dictionary;
            this.keyOf = keyOf;
        }
    }

    private SortedTag sort(int tag) {
        int[] ascending = values[tag].ascending();
        int[] keyOf = new int[ascending.length + 1];
        for (int i = 0; i < ascending.length; i++) {
            keyOf[ascending[i] + 1] = i + 1;
        }
        return new SortedTag(values[tag].dictionary(ascending), keyOf);
    }

    private int[] countingSort(int[] order, int tag, SortedTag sorted) {
        int[] next = new int[sorted.keyOf.length + 1];
        for (int id : order) {
            next[sorted.keyOf[tuples[id * tags + tag]] + 1]++;
        }
        for (int key = 1; key < next.length; key++) {
            next[key] += next[key - 1];
        }
        int[] result = new int[order.length];
        for (int id : order) {
            result[next[sorted.keyOf[tuples[id * tags + tag]]]++] = id;
        }
        return result;
    }

    /** The id of the tuple written at position {@code size}. */
    private int intern() {
        int at = size * tags;
        int hash = 0;
        for (int tag = 0; tag < tags; tag++) {
            hash = (hash ^ tuples[at + tag]) * 0x9E3779B1;
            hash ^= hash >>> 15;
        }
        int mask = slots.length - 1;
        int slot = hash & mask;
        while (slots[slot] != 0) {
            int id = slots[slot] - 1;
            if (hashes[id] == hash && Arrays.equals(tuples, id * tags, id * tags + tags, tuples, at, at + tags)) {
                return id;
            }
            slot = (slot + 1) & mask;
        }
        slots[slot] = size + 1;
        if (size == hashes.length) {
            hashes = Arrays.copyOf(hashes, size * 2);
        }
        hashes[size++] = hash;
        if (size * 2 > slots.length) {
            rehash();
        }
        return size - 1;
    }

    private void rehash() {
        slots = new int[slots.length * 2];
        int mask = slots.length - 1;
        for (int id = 0; id < size; id++) {
            int slot = hashes[id] & mask;
            while (slots[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = id + 1;
        }
    }

    /** The series of one table, numbered as rows need them: a series without rows is never seen. */
    final class Local {

        private final SeriesTable table;
        private final int[] tagIndex = new int[tags];
        private final int[][] numberOf = new int[tags][];
        private final int[] ids;
        private int resolved;
        private boolean complete;

        private Local(SeriesTable table) {
            this.table = table;
            this.ids = new int[table.size()];
            for (int tag = 0; tag < tags; tag++) {
                tagIndex[tag] = table.tagNames().indexOf(tagNames.get(tag));
                numberOf[tag] = new int
                        [tagIndex[tag] < 0 ? 0 : table.dictionary(tagIndex[tag]).size()];
            }
        }

        /** Gives the series of those rows their ids. Returns, by series of this table, its id plus 1; 0 for others. */
        int[] identify(BatchRows some) {
            int[] seriesOfRow = some.batch().seriesOfRow();
            for (int i = 0; !complete && i < some.count(); i++) {
                int series = seriesOfRow[some.row(i)];
                if (ids[series] == 0) {
                    ids[series] = resolve(series) + 1;
                    complete = ++resolved == ids.length;
                }
            }
            return ids;
        }

        private int resolve(int series) {
            int at = size * tags;
            if (at + tags > tuples.length) {
                tuples = Arrays.copyOf(tuples, Math.max(tuples.length * 2, at + tags));
            }
            for (int tag = 0; tag < tags; tag++) {
                int code = tagIndex[tag] < 0 ? SeriesTable.ABSENT : table.code(tagIndex[tag], series);
                tuples[at + tag] = code == SeriesTable.ABSENT ? 0 : number(tag, code);
            }
            return intern();
        }

        private int number(int tag, int code) {
            int number = numberOf[tag][code];
            if (number == 0) {
                Utf8Dictionary dictionary = table.dictionary(tagIndex[tag]);
                number = 1 + values[tag].intern(dictionary.bytes(), dictionary.start(code), dictionary.end(code));
                numberOf[tag][code] = number;
            }
            return number;
        }
    }
}
