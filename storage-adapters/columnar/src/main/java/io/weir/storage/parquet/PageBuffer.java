package io.weir.storage.parquet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;

/** Growing bytes of a page, used again for every page. Numbers go in least significant byte first. Not thread-safe. */
final class PageBuffer {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LARGEST = Integer.MAX_VALUE - 16;

    private byte[] bytes = new byte[256];
    private int size;

    /** Number of bytes. */
    int size() {
        return size;
    }

    /** The bytes, of which the first {@link #size} count; another array after the next {@link #reserve}. */
    byte[] array() {
        return bytes;
    }

    /** Bytes {@code [at, at + length)}; valid until the next change. */
    BytesInput input(int at, int length) {
        return BytesInput.from(bytes, at, length);
    }

    /** Forgets everything. */
    void clear() {
        size = 0;
    }

    /**
     * Makes room for {@code more} bytes.
     *
     * @throws IllegalArgumentException when the page would hold 2 GiB or more
     */
    void reserve(long more) {
        long needed = size + more;
        if (needed > bytes.length) {
            if (needed > LARGEST) {
                throw new IllegalArgumentException("a page holds 2 GiB or more");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(LARGEST, Math.max(needed, 2L * bytes.length)));
        }
    }

    /** Drops an array above {@code most} bytes: one page of long strings shall not be held for ever. */
    void shrink(int most) {
        size = 0;
        if (bytes.length > most) {
            bytes = new byte[256];
        }
    }

    /** Takes {@code count} bytes, which the caller wrote into {@link #array} behind the last. */
    void advance(int count) {
        size += count;
    }

    void putByte(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
    }

    /** A number in LEB128, as Parquet's {@code ULEB128} and Thrift's varint are. */
    void putVarLong(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    /** A signed number in zigzag LEB128. */
    void putZigZag(long value) {
        putVarLong((value << 1) ^ (value >> 63));
    }

    void putInt(int value) {
        reserve(Integer.BYTES);
        INTS.set(bytes, size, value);
        size += Integer.BYTES;
    }

    /** Writes over the 4 bytes at {@code at}. */
    void setInt(int at, int value) {
        INTS.set(bytes, at, value);
    }

    void put(byte[] source, int start, int end) {
        reserve((long) end - start);
        System.arraycopy(source, start, bytes, size, end - start);
        size += end - start;
    }

    /** The numbers {@code [from, from + count)}, 8 bytes each: PLAIN encoding of 64-bit types. */
    void putLongs(long[] numbers, int from, int count) {
        reserve((long) count * Long.BYTES);
        byte[] to = bytes;
        int at = size;
        for (int i = 0; i < count; i++) {
            LONGS.set(to, at + i * Long.BYTES, numbers[from + i]);
        }
        size += count * Long.BYTES;
    }

    /** The same numbers with their bytes in 8 streams, least significant first: BYTE_STREAM_SPLIT. */
    void putSplit(long[] numbers, int from, int count) {
        reserve((long) count * Long.BYTES);
        ByteStreams.split(numbers, from, count, bytes, size);
        size += count * Long.BYTES;
    }

    static void setLong(byte[] to, int at, long value) {
        LONGS.set(to, at, value);
    }
}
