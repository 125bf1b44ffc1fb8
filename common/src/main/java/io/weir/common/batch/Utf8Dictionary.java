package io.weir.common.batch;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Distinct UTF-8 strings with codes {@code 0..size-1}: all bytes in one array, cut by offsets. Immutable once shared.
 */
public final class Utf8Dictionary {

    private final int size;
    private final int[] offsets;
    private final byte[] bytes;

    /**
     * Takes ownership of both arrays.
     *
     * @param size number of entries
     * @param offsets at least {@code size + 1} ascending positions in {@code bytes}, the first 0
     * @param bytes UTF-8 of all entries, one after the other
     */
    public Utf8Dictionary(int size, int[] offsets, byte[] bytes) {
        this.size = size;
        this.offsets = offsets;
        this.bytes = bytes;
    }

    /** A dictionary of those strings in that order. */
    public static Utf8Dictionary of(String... entries) {
        int[] offsets = new int[entries.length + 1];
        byte[][] encoded = new byte[entries.length][];
        for (int i = 0; i < entries.length; i++) {
            encoded[i] = entries[i].getBytes(StandardCharsets.UTF_8);
            offsets[i + 1] = offsets[i] + encoded[i].length;
        }
        byte[] bytes = new byte[offsets[entries.length]];
        for (int i = 0; i < entries.length; i++) {
            System.arraycopy(encoded[i], 0, bytes, offsets[i], encoded[i].length);
        }
        return new Utf8Dictionary(entries.length, offsets, bytes);
    }

    /** Number of entries. */
    public int size() {
        return size;
    }

    /** First byte of entry {@code code} in {@link #bytes}. */
    public int start(int code) {
        return offsets[code];
    }

    /** Byte after the last of entry {@code code} in {@link #bytes}. */
    public int end(int code) {
        return offsets[code + 1];
    }

    /** The bytes of all entries; not to be modified. */
    public byte[] bytes() {
        return bytes;
    }

    /** Entry {@code code} as a string. For messages and tests, not for the hot path. */
    public String get(int code) {
        return new String(bytes, offsets[code], offsets[code + 1] - offsets[code], StandardCharsets.UTF_8);
    }

    /** Compares entries by unsigned bytes, which for UTF-8 is the order of code points. */
    public static int compare(Utf8Dictionary a, int codeA, Utf8Dictionary b, int codeB) {
        return Arrays.compareUnsigned(
                a.bytes, a.offsets[codeA], a.offsets[codeA + 1], b.bytes, b.offsets[codeB], b.offsets[codeB + 1]);
    }

    /** Whether the other has the same strings with the same codes. */
    public boolean isSame(Utf8Dictionary other) {
        int length = offsets[size];
        return size == other.size
                && Arrays.equals(offsets, 0, size + 1, other.offsets, 0, size + 1)
                && Arrays.equals(bytes, 0, length, other.bytes, 0, length);
    }

    /** Bytes of heap this dictionary holds. */
    public long sizeBytes() {
        return bytes.length + 4L * offsets.length + 64;
    }
}
