package io.weir.storage.parquet.merging;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in the bytes of a page: little-endian, of variable length, packed by bits. Not thread-safe. */
final class BitReader {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int MOST_BITS_AT_ONCE = 57;

    private final byte[] bytes;
    private final int end;
    private int at;

    /** Reads {@code bytes[from, to)}. */
    BitReader(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    int left() {
        return end - at;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Passes that many bytes and returns where they begin. */
    int skip(int count) {
        if (count < 0 || count > end - at) {
            throw new IllegalArgumentException("page ends after " + (end - at) + " bytes (expected: " + count + ")");
        }
        int from = at;
        at += count;
        return from;
    }

    int readByte() {
        return bytes[skip(1)] & 0xff;
    }

    int readInt() {
        int from = skip(Integer.BYTES);
        return (bytes[from] & 0xff)
                | (bytes[from + 1] & 0xff) << 8
                | (bytes[from + 2] & 0xff) << 16
                | bytes[from + 3] << 24;
    }

    /** An unsigned number in groups of 7 bits, lowest first. */
    long readVarLong() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int next = readByte();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of variable length does not end (expected: at most 10 bytes)");
    }

    /** Fills {@code out[from, to)} with 64-bit numbers. */
    void readLongs(long[] out, int from, int to) {
        int start = skip(Math.multiplyExact(to - from, Long.BYTES));
        for (int i = from; i < to; i++) {
            out[i] = (long) LONGS.get(bytes, start + (i - from) * Long.BYTES);
        }
    }

    /** Fills {@code out[from, to)} with numbers whose bytes are apart: first the lowest of all, at last the highest of all. */
    void readSplitLongs(long[] out, int from, int to) {
        int count = to - from;
        int start = skip(Math.multiplyExact(count, Long.BYTES));
        for (int i = 0; i < count; i++) {
            long value = 0;
            for (int part = 0; part < Long.BYTES; part++) {
                value |= (bytes[start + part * count + i] & 0xffL) << (part * Byte.SIZE);
            }
            out[from + i] = value;
        }
    }

    /** Fills {@code out[from, to)} with packed numbers of that many bits, 0 to 32, that begin here; moves on by {@code length} bytes. */
    void readPacked(int[] out, int from, int to, int width, int length) {
        int start = skip(length);
        int mask = (int) ((1L << width) - 1);
        long bit = (long) start * Byte.SIZE;
        for (int i = from; i < to; i++, bit += width) {
            out[i] = (int) (word((int) (bit >>> 3)) >>> (bit & 7)) & mask;
        }
    }

    /** The same for numbers of up to 64 bits, each with {@code base} added. */
    void readPacked(long[] out, int from, int to, int width, int length, long base) {
        int start = skip(length);
        long mask = width == Long.SIZE ? -1 : (1L << width) - 1;
        long bit = (long) start * Byte.SIZE;
        for (int i = from; i < to; i++, bit += width) {
            int at8 = (int) (bit >>> 3);
            int shift = (int) (bit & 7);
            long value = word(at8) >>> shift;
            if (width > MOST_BITS_AT_ONCE && shift > 0) {
                value |= byteAt(at8 + Long.BYTES) << (Long.SIZE - shift);
            }
            out[i] = (value & mask) + base;
        }
    }

    private long byteAt(int position) {
        return position < bytes.length ? bytes[position] & 0xffL : 0;
    }

    /** 8 bytes, zeros behind the end. */
    private long word(int position) {
        if (position + Long.BYTES <= bytes.length) {
            return (long) LONGS.get(bytes, position);
        }
        long value = 0;
        for (int i = position; i < bytes.length; i++) {
            value |= (bytes[i] & 0xffL) << ((i - position) * Byte.SIZE);
        }
        return value;
    }
}
