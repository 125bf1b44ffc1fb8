package io.weir.common.batch;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * A growing set of byte strings with codes {@code 0..size-1} in order of first sight. Finding or adding one allocates
 * nothing but the occasional larger array. Entries can be taken back from the end ({@link #truncate}). Not thread-safe.
 */
public final class Utf8DictionaryBuilder {

    private static final int FIRST_SLOTS = 16;

    private final Growth growth;
    private int size;
    private int[] offsets = {};
    private byte[] bytes = {};
    private int[] hashes = {};
    /** Open addressing with linear probing: code + 1, or 0 for a free slot; a power of two long. */
    private int[] slots = {};

    /** An empty builder; {@code growth} hears of every array in bytes before it is allocated and may throw. */
    public Utf8DictionaryBuilder(LongConsumer growth) {
        this.growth = new Growth(growth);
    }

    /** About how many bytes of heap this builder holds. */
    public long sizeBytes() {
        return growth.bytes();
    }

    /** Number of entries. */
    public int size() {
        return size;
    }

    /** Code of {@code source[from, to)}, or -1 when there is no such entry. */
    public int find(byte[] source, int from, int to) {
        return size == 0 ? -1 : find(source, from, to, ByteHash.of(source, from, to));
    }

    /** The hash that {@link #find(byte[], int, int, int)} and {@link #intern(byte[], int, int, int)} want. */
    public static int hash(byte[] source, int from, int to) {
        return ByteHash.of(source, from, to);
    }

    /** Code of {@code source[from, to)}, whose {@link #hash} is known, which becomes an entry when it is none yet. */
    public int intern(byte[] source, int from, int to, int hash) {
        int code = find(source, from, to, hash);
        return code >= 0 ? code : add(source, from, to, hash);
    }

    /** The bytes of all entries, one after the other from {@link #start}; not to be modified. */
    public byte[] bytes() {
        return bytes;
    }

    /** First byte of entry {@code code} in {@link #bytes}. */
    public int start(int code) {
        return offsets[code];
    }

    /** Code of {@code source[from, to)}, which becomes an entry when it is none yet. */
    public int intern(byte[] source, int from, int to) {
        return intern(source, from, to, ByteHash.of(source, from, to));
    }

    /** Whether entry {@code code} is a prefix of {@code source[from, limit)}. */
    public boolean isPrefix(int code, byte[] source, int from, int limit) {
        int start = offsets[code];
        int end = offsets[code + 1];
        return end - start <= limit - from && Arrays.equals(bytes, start, end, source, from, from + end - start);
    }

    /** Length of entry {@code code} in bytes. */
    public int length(int code) {
        return offsets[code + 1] - offsets[code];
    }

    /** Drops the entries with codes from {@code newSize} on, as if they had never been added. */
    public void truncate(int newSize) {
        while (size > newSize) {
            size--;
            int slot = hashes[size] & slots.length - 1;
            while (slots[slot] != size + 1) {
                slot = slot + 1 & slots.length - 1;
            }
            // Later entries are gone already, so no probe sequence passes over this slot any more.
            slots[slot] = 0;
        }
    }

    /** The dictionary; this builder must not be used afterwards. */
    public Utf8Dictionary build() {
        if (size == 0) {
            return new Utf8Dictionary(0, new int[1], new byte[0]);
        }
        int keptBytes = Growth.kept(offsets[size], bytes.length);
        int keptOffsets = Growth.kept(size + 1, offsets.length);
        return new Utf8Dictionary(
                size,
                keptOffsets == offsets.length ? offsets : Arrays.copyOf(offsets, keptOffsets),
                keptBytes == bytes.length ? bytes : Arrays.copyOf(bytes, keptBytes));
    }

    /** Code of {@code source[from, to)}, whose {@link #hash} is known, or -1 when there is no such entry. */
    public int find(byte[] source, int from, int to, int hash) {
        if (size == 0) {
            return -1;
        }
        int mask = slots.length - 1;
        for (int slot = hash & mask; slots[slot] != 0; slot = slot + 1 & mask) {
            int code = slots[slot] - 1;
            if (hashes[code] == hash && Arrays.equals(bytes, offsets[code], offsets[code + 1], source, from, to)) {
                return code;
            }
        }
        return -1;
    }

    private int add(byte[] source, int from, int to, int hash) {
        int start = size == 0 ? 0 : offsets[size];
        reserve(start + (long) to - from);
        System.arraycopy(source, from, bytes, start, to - from);
        offsets[size + 1] = start + to - from;
        hashes[size] = hash;
        place(size, hash);
        return size++;
    }

    private void reserve(long neededBytes) {
        if (neededBytes > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException("a dictionary cannot hold more than 2 GiB of text");
        }
        if (neededBytes > bytes.length) {
            int capacity = Growth.next(bytes.length, (int) neededBytes);
            growth.add(capacity - bytes.length);
            bytes = Arrays.copyOf(bytes, capacity);
        }
        if (size == hashes.length) {
            int capacity = Growth.next(size, size + 1);
            growth.add(8L * (capacity - size));
            offsets = Arrays.copyOf(offsets, capacity + 1);
            hashes = Arrays.copyOf(hashes, capacity);
        }
        if (size * 2 >= slots.length) {
            int capacity = slots.length == 0 ? FIRST_SLOTS : slots.length * 2;
            growth.add(4L * (capacity - slots.length));
            slots = new int[capacity];
            for (int code = 0; code < size; code++) {
                place(code, hashes[code]);
            }
        }
    }

    private void place(int code, int hash) {
        int slot = hash & slots.length - 1;
        while (slots[slot] != 0) {
            slot = slot + 1 & slots.length - 1;
        }
        slots[slot] = code + 1;
    }
}
