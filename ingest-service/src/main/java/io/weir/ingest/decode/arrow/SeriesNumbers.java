package io.weir.ingest.decode.arrow;

import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.SeriesTableBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/**
 * Finds the series number of each row. The indexes of a row's tags are packed side by side into a key of one word, or of
 * more when they do not fit, so that keys are equal exactly when tag sets are written equally. A key is predicted before
 * it is searched for: it is probably the one that followed the key before it last time, and one comparison tells.
 *
 * <pre>
 *   word 0: │ unused │ tag 2: index + 1 │ tag 1: index + 1 │ tag 0: index + 1 │     0 = no value
 * </pre>
 */
final class SeriesNumbers {

    private static final int FIRST_SLOTS = 64;
    private static final long SEED;
    private static final long FACTOR;

    static {
        // Clients must not be able to choose collisions. Not SecureRandom: its first use reads a device.
        SplittableRandom random = new SplittableRandom(System.nanoTime());
        SEED = random.nextLong();
        FACTOR = random.nextLong() | 1;
    }

    private final List<TagColumn> tags;
    private final LongConsumer memory;
    private final int[] wordOf;
    private final int[] shiftOf;
    private int words = 1;
    private long[][] keys = new long[1][0];
    private long[][] seen = new long[1][0];
    private int[] numbers = {};
    /** Per key seen, the key that followed it last time. */
    private int[] followers = {};

    private int[] slots = {};
    private int size;
    private int last;

    SeriesNumbers(List<TagColumn> tags, LongConsumer memory) {
        this.tags = tags;
        this.memory = memory;
        this.wordOf = new int[tags.size()];
        this.shiftOf = new int[tags.size()];
    }

    /** Forgets every key: tags mean something else by their indexes now, or series numbers start anew. */
    void forget() {
        int length = numbers.length;
        memory.accept(-(8L * words + 8) * length - 4L * slots.length);
        words = 1;
        int shift = 0;
        for (int i = 0; i < wordOf.length; i++) {
            int bits = tags.get(i).bits();
            if (shift + bits > Long.SIZE) {
                words++;
                shift = 0;
            }
            wordOf[i] = words - 1;
            shiftOf[i] = shift;
            shift += bits;
        }
        if (keys.length < words) {
            long[][] more = new long[words][0];
            System.arraycopy(keys, 0, more, 0, keys.length);
            keys = more;
        }
        seen = new long[words][0];
        numbers = new int[0];
        followers = new int[0];
        slots = new int[0];
        size = 0;
        last = 0;
    }

    /** Makes room for the keys of {@code rows} rows. */
    void open(int rows) {
        for (int word = 0; word < words; word++) {
            if (rows > keys[word].length) {
                keys[word] = new long[Capacity.grow(keys[word].length, rows, Long.BYTES, memory)];
            }
            if (tags.isEmpty()) {
                Arrays.fill(keys[word], 0, rows, 0);
            }
        }
    }

    /** Takes the values of tag number {@code i}; every tag once a batch, in order. */
    void pack(int i, ArrowArray values) {
        tags.get(i)
                .pack(values, keys[wordOf[i]], shiftOf[i], shiftOf[i] == 0 && (i == 0 || wordOf[i - 1] != wordOf[i]));
    }

    /** Writes the series number of each of {@code rows} rows into {@code target}, from index {@code to} on. */
    void number(int rows, SeriesTableBuilder series, int[] target, int to) {
        int row = 0;
        if (size == 0 && rows > 0) {
            last = add(0, series);
            target[to] = numbers[last];
            row = 1;
        }
        if (words == 1) {
            numberByWord(row, rows, series, target, to);
            return;
        }
        for (; row < rows; row++) {
            int next = followers[last];
            if (!isKey(next, row)) {
                next = find(row, series);
                followers[last] = next;
            }
            target[to + row] = numbers[next];
            last = next;
        }
    }

    private void numberByWord(int first, int rows, SeriesTableBuilder series, int[] target, int to) {
        long[] rowKeys = keys[0];
        long[] seenKeys = seen[0];
        int previous = last;
        for (int row = first; row < rows; row++) {
            int next = followers[previous];
            if (seenKeys[next] != rowKeys[row]) {
                next = find(row, series);
                seenKeys = seen[0];
                followers[previous] = next;
            }
            target[to + row] = numbers[next];
            previous = next;
        }
        last = previous;
    }

    private boolean isKey(int key, int row) {
        for (int word = 0; word < words; word++) {
            if (seen[word][key] != keys[word][row]) {
                return false;
            }
        }
        return true;
    }

    private int find(int row, SeriesTableBuilder series) {
        int mask = slots.length - 1;
        for (int slot = hash(keys, row) & mask; slots[slot] != 0; slot = slot + 1 & mask) {
            if (isKey(slots[slot] - 1, row)) {
                return slots[slot] - 1;
            }
        }
        return add(row, series);
    }

    private int add(int row, SeriesTableBuilder series) {
        reserve();
        for (int word = 0; word < words; word++) {
            seen[word][size] = keys[word][row];
        }
        for (int i = 0; i < wordOf.length; i++) {
            TagColumn tag = tags.get(i);
            long index = keys[wordOf[i]][row] >>> shiftOf[i] & ((1L << tag.bits()) - 1);
            int code = tag.bits() == 0 ? SeriesTable.ABSENT : tag.code((int) index - 1, series);
            if (code != SeriesTable.ABSENT) {
                series.stage(tag.tag(), code);
            }
        }
        numbers[size] = series.intern();
        place(size);
        return size++;
    }

    private void reserve() {
        if (size == numbers.length) {
            int capacity = Capacity.grow(size, Math.max(FIRST_SLOTS, size * 2L), 8 * words + 8, memory);
            for (int word = 0; word < words; word++) {
                seen[word] = Arrays.copyOf(seen[word], capacity);
            }
            numbers = Arrays.copyOf(numbers, capacity);
            followers = Arrays.copyOf(followers, capacity);
        }
        if (size * 2L >= slots.length) {
            int capacity = slots.length == 0 ? FIRST_SLOTS : slots.length * 2;
            memory.accept(4L * (capacity - slots.length));
            slots = new int[capacity];
            for (int key = 0; key < size; key++) {
                place(key);
            }
        }
    }

    private void place(int key) {
        int mask = slots.length - 1;
        int slot = hash(seen, key) & mask;
        while (slots[slot] != 0) {
            slot = slot + 1 & mask;
        }
        slots[slot] = key + 1;
    }

    private int hash(long[][] source, int at) {
        long hash = SEED;
        for (int word = 0; word < words; word++) {
            hash = (hash ^ source[word][at]) * FACTOR;
            hash ^= hash >>> 32;
        }
        return (int) ((hash * FACTOR) >>> 32);
    }
}
