package io.weir.storage.parquet;

import io.weir.common.batch.Utf8Dictionary;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Numbers distinct byte strings 0, 1, 2, … in order of first sight; keeps a copy of their bytes. Open addressing over
 * primitive arrays, no object per string. Not thread-safe.
 */
public final class Utf8Interner {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Differs from process to process, so that clients cannot choose collisions. */
    private static final long SEED = new SplittableRandom().nextLong();

    private byte[] bytes = new byte[256];
    private int[] offsets = new int[17];
    private int[] hashes = new int[16];
    private int[] slots = new int[32];
    private int size;

    /** Number of distinct strings. */
    public int size() {
        return size;
    }

    /** Bytes of all distinct strings together. */
    public int byteLength() {
        return offsets[size];
    }

    /** The number of {@code source[start, end)}, given now when it is new. */
    public int intern(byte[] source, int start, int end) {
        int hash = hash(source, start, end);
        int mask = slots.length - 1;
        int slot = hash & mask;
        while (slots[slot] != 0) {
            int id = slots[slot] - 1;
            if (hashes[id] == hash && Arrays.equals(bytes, offsets[id], offsets[id + 1], source, start, end)) {
                return id;
            }
            slot = (slot + 1) & mask;
        }
        slots[slot] = size + 1;
        append(source, start, end, hash);
        return size - 1;
    }

    /** Forgets every string. */
    public void clear() {
        Arrays.fill(slots, 0);
        size = 0;
    }

    /** The strings by number. Valid until the next change. */
    public Utf8Dictionary dictionary() {
        return new Utf8Dictionary(size, offsets, bytes);
    }

    /** The strings in ascending order of their bytes, a copy; {@code order} as of {@link #ascending}. */
    Utf8Dictionary dictionary(int[] order) {
        int[] sortedOffsets = new int[size + 1];
        byte[] sorted = new byte[byteLength()];
        for (int i = 0; i < size; i++) {
            int length = offsets[order[i] + 1] - offsets[order[i]];
            System.arraycopy(bytes, offsets[order[i]], sorted, sortedOffsets[i], length);
            sortedOffsets[i + 1] = sortedOffsets[i] + length;
        }
        return new Utf8Dictionary(size, sortedOffsets, sorted);
    }

    /** The numbers of all strings, ascending by unsigned bytes. */
    int[] ascending() {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        mergeSort(order, new int[size], 0, size);
        return order;
    }

    private void mergeSort(int[] order, int[] scratch, int from, int to) {
        if (to - from < 2) {
            return;
        }
        int middle = (from + to) >>> 1;
        mergeSort(order, scratch, from, middle);
        mergeSort(order, scratch, middle, to);
        if (compare(order[middle - 1], order[middle]) <= 0) {
            return;
        }
        System.arraycopy(order, from, scratch, from, middle - from);
        int left = from;
        int right = middle;
        for (int out = from; left < middle; out++) {
            boolean takeLeft = right == to || compare(scratch[left], order[right]) <= 0;
            order[out] = takeLeft ? scratch[left++] : order[right++];
        }
    }

    private int compare(int a, int b) {
        return Arrays.compareUnsigned(bytes, offsets[a], offsets[a + 1], bytes, offsets[b], offsets[b + 1]);
    }

    private void append(byte[] source, int start, int end, int hash) {
        int length = end - start;
        int at = offsets[size];
        if (length > Integer.MAX_VALUE - 16 - at) {
            throw new IllegalArgumentException("distinct strings of one column hold 2 GiB or more");
        }
        if (at + length > bytes.length) {
            bytes = Arrays.copyOf(
                    bytes, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(2L * bytes.length, at + length)));
        }
        System.arraycopy(source, start, bytes, at, length);
        if (size == hashes.length) {
            hashes = Arrays.copyOf(hashes, size * 2);
            offsets = Arrays.copyOf(offsets, size * 2 + 1);
        }
        hashes[size] = hash;
        offsets[++size] = at + length;
        if (size * 2 > slots.length) {
            rehash();
        }
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

    /** Over words of 8 bytes, the last of which may overlap the one before. */
    private static int hash(byte[] source, int start, int end) {
        long hash = (long) end - start;
        int at = start;
        for (; at + Long.BYTES < end; at += Long.BYTES) {
            hash = mix(hash ^ (long) LONGS.get(source, at));
        }
        long last = 0;
        if (end - start >= Long.BYTES) {
            last = (long) LONGS.get(source, end - Long.BYTES);
        } else {
            for (int i = at; i < end; i++) {
                last = last << Byte.SIZE | (source[i] & 0xff);
            }
        }
        return (int) (mix(hash ^ last) >>> Integer.SIZE);
    }

    private static long mix(long word) {
        long product = (word ^ SEED) * 0x9E3779B97F4A7C15L;
        return product ^ product >>> 29;
    }
}
