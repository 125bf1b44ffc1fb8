package io.weir.ingest.decode.arrow;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads little-endian numbers out of a byte array, whatever their alignment. */
final class LittleEndian {

    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {}

    static short shortAt(byte[] bytes, int at) {
        return (short) SHORTS.get(bytes, at);
    }

    static int intAt(byte[] bytes, int at) {
        return (int) INTS.get(bytes, at);
    }

    static long longAt(byte[] bytes, int at) {
        return (long) LONGS.get(bytes, at);
    }

    /** Copies {@code count} longs that start at {@code at} into {@code target}, from index {@code to} on. */
    static void longs(byte[] bytes, int at, long[] target, int to, int count) {
        ByteBuffer.wrap(bytes, at, 8 * count)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer()
                .get(target, to, count);
    }

    /** Copies {@code count} doubles that start at {@code at} into {@code target}, from index {@code to} on. */
    static void doubles(byte[] bytes, int at, double[] target, int to, int count) {
        ByteBuffer.wrap(bytes, at, 8 * count)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asDoubleBuffer()
                .get(target, to, count);
    }

    /**
     * Bits {@code [64 * word, 64 * word + 64)} of the bit set of {@code count} bits that starts at {@code at}; bits from
     * {@code count} on are 0.
     */
    static long bits(byte[] bytes, int at, int word, int count) {
        int left = count - 64 * word;
        int from = at + 8 * word;
        if (left >= 64) {
            return longAt(bytes, from);
        }
        long bits = 0;
        for (int i = 0; i < (left + 7) >>> 3; i++) {
            bits |= (bytes[from + i] & 0xffL) << (8 * i);
        }
        return bits & ((1L << left) - 1);
    }
}
