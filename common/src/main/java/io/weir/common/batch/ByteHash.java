package io.weir.common.batch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Hashes of byte ranges and code tuples, seeded once per process so that clients cannot choose collisions. */
final class ByteHash {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long SEED;
    private static final long FACTOR;

    static {
        // Not SecureRandom: its first use reads a device, and this class may be loaded by an event loop.
        SplittableRandom random =
                new SplittableRandom(System.nanoTime() ^ (long) System.identityHashCode(new Object()) << 32);
        SEED = random.nextLong();
        FACTOR = random.nextLong() | 1;
    }

    private ByteHash() {}

    /** Hash of {@code bytes[from, to)}. */
    static int of(byte[] bytes, int from, int to) {
        int length = to - from;
        long hash = SEED + length;
        int at = from;
        for (; at + 8 < to; at += 8) {
            hash = mix(hash ^ (long) LONGS.get(bytes, at));
        }
        return fold(mix(hash ^ last(bytes, at, to, length)));
    }

    /** Hash of one tag of a series; the hash of a series is the sum over its tags, so order does not matter. */
    static int ofTag(int tag, int code) {
        return fold(mix(SEED ^ ((long) tag << 32 | (code & 0xffffffffL))));
    }

    /** The last 0 to 8 bytes, read as one word that may overlap what was read before. */
    private static long last(byte[] bytes, int at, int to, int length) {
        int left = to - at;
        if (length >= 8) {
            return (long) LONGS.get(bytes, to - 8);
        }
        if (left >= 4) {
            return ((int) INTS.get(bytes, at) & 0xffffffffL) | (long) (int) INTS.get(bytes, to - 4) << 32;
        }
        long word = 0;
        for (int i = at; i < to; i++) {
            word = word << 8 | (bytes[i] & 0xff);
        }
        return word;
    }

    private static long mix(long word) {
        return word * FACTOR ^ Math.multiplyHigh(word, FACTOR) + (word >>> 29);
    }

    private static int fold(long hash) {
        long mixed = (hash ^ hash >>> 32) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32);
    }
}
