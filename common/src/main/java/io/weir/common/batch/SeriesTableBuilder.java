package io.weir.common.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * A growing {@link SeriesTable}. Tags of one row are staged in any order, then interned: equal tag sets get the same
 * series number. What was added since the last {@link #commit} can be taken back. Allocates nothing per row but the
 * occasional larger array. Not thread-safe.
 */
public final class SeriesTableBuilder {

    private static final int FIRST_SLOTS = 16;

    private final Growth growth;
    private final List<String> tagNames = new ArrayList<>();
    private final Map<String, Integer> tagByName = new HashMap<>();
    private Utf8DictionaryBuilder[] dictionaries = {};
    private int[][] codes = {};
    private int[] staged = {};
    private int[] stagedTags = {};
    private int stagedCount;
    private int size;
    private int[] hashes = {};
    private int[] slots = {};
    /** Tags whose dictionary got an entry since the last commit, once an entry. */
    private int[] journal = {};

    private int journalLength;
    private int committedTags;
    private int committedSize;

    /** An empty builder; {@code growth} hears of every array in bytes before it is allocated and may throw. */
    public SeriesTableBuilder(LongConsumer growth) {
        this(new Growth(growth));
    }

    SeriesTableBuilder(Growth growth) {
        this.growth = growth;
    }

    /** Number of series. */
    public int size() {
        return size;
    }

    /** Number of tags. */
    public int tags() {
        return tagNames.size();
    }

    /** Index of that tag, which is added when it is new. */
    public int tag(String name) {
        Integer known = tagByName.get(name);
        if (known != null) {
            return known;
        }
        int tag = tagNames.size();
        if (tag == dictionaries.length) {
            int capacity = Growth.next(tag, tag + 1);
            growth.add(16L * (capacity - tag));
            dictionaries = Arrays.copyOf(dictionaries, capacity);
            codes = Arrays.copyOf(codes, capacity);
            staged = Arrays.copyOf(staged, capacity);
            stagedTags = Arrays.copyOf(stagedTags, capacity);
        }
        growth.add(96L + 4L * hashes.length);
        dictionaries[tag] = new Utf8DictionaryBuilder(growth::add);
        codes[tag] = new int[hashes.length];
        Arrays.fill(codes[tag], SeriesTable.ABSENT);
        staged[tag] = SeriesTable.ABSENT;
        tagNames.add(name);
        tagByName.put(name, tag);
        return tag;
    }

    /** Number of values in the dictionary of {@code tag}. */
    public int values(int tag) {
        return dictionaries[tag].size();
    }

    /** Code of a value in the dictionary of {@code tag}, which gets it when it is new. */
    public int code(int tag, byte[] utf8, int from, int to) {
        Utf8DictionaryBuilder dictionary = dictionaries[tag];
        int before = dictionary.size();
        int code = dictionary.intern(utf8, from, to);
        if (dictionary.size() != before) {
            if (journalLength == journal.length) {
                journal = Arrays.copyOf(journal, Growth.next(journalLength, journalLength + 1));
            }
            journal[journalLength++] = tag;
        }
        return code;
    }

    /** Whether {@code tag} has been staged for the next {@link #intern}. */
    public boolean isStaged(int tag) {
        return staged[tag] != SeriesTable.ABSENT;
    }

    /** Says that the next series has {@code code} (from {@link #code}) as the value of {@code tag}; once a tag. */
    public void stage(int tag, int code) {
        if (staged[tag] == SeriesTable.ABSENT) {
            stagedTags[stagedCount++] = tag;
        }
        staged[tag] = code;
    }

    /** Number of the series of exactly the staged tags; nothing is staged afterwards. */
    public int intern() {
        int hash = 0;
        for (int i = 0; i < stagedCount; i++) {
            hash += ByteHash.ofTag(stagedTags[i], staged[stagedTags[i]]);
        }
        int series = find(hash);
        if (series < 0) {
            series = add(hash);
        }
        unstage();
        return series;
    }

    /** Forgets what is staged. */
    public void unstage() {
        for (int i = 0; i < stagedCount; i++) {
            staged[stagedTags[i]] = SeriesTable.ABSENT;
        }
        stagedCount = 0;
    }

    /** Makes everything added so far permanent. */
    public void commit() {
        journalLength = 0;
        committedTags = tagNames.size();
        committedSize = size;
    }

    /** Takes back every tag, value and series added since the last {@link #commit}, and what is staged. */
    public void rollback() {
        unstage();
        while (size > committedSize) {
            size--;
            for (int tag = 0; tag < tagNames.size(); tag++) {
                codes[tag][size] = SeriesTable.ABSENT;
            }
            int slot = hashes[size] & slots.length - 1;
            while (slots[slot] != size + 1) {
                slot = slot + 1 & slots.length - 1;
            }
            slots[slot] = 0;
        }
        while (journalLength > 0) {
            Utf8DictionaryBuilder dictionary = dictionaries[journal[--journalLength]];
            dictionary.truncate(dictionary.size() - 1);
        }
        for (int tag = tagNames.size() - 1; tag >= committedTags; tag--) {
            tagByName.remove(tagNames.remove(tag));
            growth.add(-96L - 4L * codes[tag].length - dictionaries[tag].sizeBytes());
        }
    }

    /** The table; this builder must not be used afterwards. Tags without a value in any series are left out. */
    public SeriesTable build() {
        List<String> names = new ArrayList<>();
        List<int[]> columns = new ArrayList<>();
        List<Utf8Dictionary> values = new ArrayList<>();
        for (int tag = 0; tag < tagNames.size(); tag++) {
            if (dictionaries[tag].size() > 0) {
                names.add(tagNames.get(tag));
                int kept = Growth.kept(size, codes[tag].length);
                columns.add(kept == codes[tag].length ? codes[tag] : Arrays.copyOf(codes[tag], kept));
                values.add(dictionaries[tag].build());
            }
        }
        return new SeriesTable(size, names, columns.toArray(new int[0][]), values.toArray(new Utf8Dictionary[0]));
    }

    private int find(int hash) {
        if (size == 0) {
            return -1;
        }
        int mask = slots.length - 1;
        for (int slot = hash & mask; slots[slot] != 0; slot = slot + 1 & mask) {
            int series = slots[slot] - 1;
            if (hashes[series] == hash && isStagedSeries(series)) {
                return series;
            }
        }
        return -1;
    }

    private boolean isStagedSeries(int series) {
        for (int tag = 0; tag < tagNames.size(); tag++) {
            if (codes[tag][series] != staged[tag]) {
                return false;
            }
        }
        return true;
    }

    private int add(int hash) {
        if (size == hashes.length) {
            int capacity = Growth.next(size, size + 1);
            growth.add(4L * (capacity - size) * (1 + tagNames.size()));
            for (int tag = 0; tag < tagNames.size(); tag++) {
                codes[tag] = Arrays.copyOf(codes[tag], capacity);
                Arrays.fill(codes[tag], size, capacity, SeriesTable.ABSENT);
            }
            hashes = Arrays.copyOf(hashes, capacity);
        }
        if (size * 2 >= slots.length) {
            int capacity = slots.length == 0 ? FIRST_SLOTS : slots.length * 2;
            growth.add(4L * (capacity - slots.length));
            slots = new int[capacity];
            for (int series = 0; series < size; series++) {
                place(series, hashes[series]);
            }
        }
        for (int i = 0; i < stagedCount; i++) {
            codes[stagedTags[i]][size] = staged[stagedTags[i]];
        }
        hashes[size] = hash;
        place(size, hash);
        return size++;
    }

    private void place(int series, int hash) {
        int slot = hash & slots.length - 1;
        while (slots[slot] != 0) {
            slot = slot + 1 & slots.length - 1;
        }
        slots[slot] = series + 1;
    }
}
