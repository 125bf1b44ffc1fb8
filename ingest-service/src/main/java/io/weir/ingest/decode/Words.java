package io.weir.ingest.decode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looks at eight bytes at a time, as one little-endian word: the byte at the lowest address is the lowest byte. */
public final class Words {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long ZEROS = '0' * ONES;
    private static final long HIGHS = 0x8080808080808080L;

    private Words() {}

    /** The eight bytes at {@code at}. */
    public static long at(byte[] bytes, int at) {
        return (long) LONGS.get(bytes, at);
    }

    /** Copies eight bytes. */
    static void copy(byte[] source, int from, byte[] target, int to) {
        LONGS.set(target, to, (long) LONGS.get(source, from));
    }

    /** A word of eight times {@code value}. */
    public static long repeat(char value) {
        return value * ONES;
    }

    /** A word whose lowest high bit marks the first byte of {@code word} that equals {@code repeated}'s; 0 when none does. */
    public static long matches(long word, long repeated) {
        long difference = word ^ repeated;
        return (difference - ONES) & ~difference & HIGHS;
    }

    /** Index of the byte that the lowest mark of {@code marks} (not 0) is in. */
    public static int first(long marks) {
        return Long.numberOfTrailingZeros(marks) >>> 3;
    }

    /** A word in which the high bit of every byte that is not ASCII is set. */
    public static long nonAscii(long word) {
        return word & HIGHS;
    }

    /**
     * Eight times the number of decimal digits that {@code word} begins with: how many of its low bits they take. A carry
     * can only spoil the bytes behind the first that is no digit.
     */
    static int digitBits(long word) {
        long values = word ^ ZEROS;
        return Long.numberOfTrailingZeros(((values + 0x7676767676767676L) | values) & HIGHS) & ~7;
    }

    /** The number that the decimal digits in the low {@code bits} of {@code word} say; {@code bits} is 8 to 64. */
    static long leadingDigits(long word, int bits) {
        if (bits <= Integer.SIZE) {
            int four = (int) word << (Integer.SIZE - bits);
            int pairs = (((four & 0x0f0f0f0f) * (10 * 256 + 1)) >>> 8) & 0x00ff00ff;
            int number = (pairs * (100 * 65_536 + 1)) >>> 16;
            return number;
        }
        return digits(word << (64 - bits));
    }

    /** Whether all eight bytes are decimal digits. */
    public static boolean isDigits(long word) {
        return ((word & 0xf0f0f0f0f0f0f0f0L) | (((word + 0x0606060606060606L) & 0xf0f0f0f0f0f0f0f0L) >>> 4))
                == 0x3333333333333333L;
    }

    /** The number that eight decimal digits say. */
    public static long digits(long word) {
        long pairs = (((word & 0x0f0f0f0f0f0f0f0fL) * (10 * 256 + 1)) >>> 8) & 0x00ff00ff00ff00ffL;
        long fours = ((pairs * (100 * 65_536 + 1)) >>> 16) & 0x0000ffff0000ffffL;
        return (fours * (10_000L * (1L << 32) + 1)) >>> 32;
    }

    /** Position of the first byte of {@code bytes[from, to)} that is not ASCII, or {@code to}. */
    static int firstNonAscii(byte[] bytes, int from, int to) {
        int at = from;
        while (at + 8 <= to && nonAscii(at(bytes, at)) == 0) {
            at += 8;
        }
        while (at < to && bytes[at] >= 0) {
            at++;
        }
        return at;
    }

    /** Position of the first {@code wanted} in {@code bytes[from, to)}, or -1. */
    public static int indexOf(byte[] bytes, char wanted, int from, int to) {
        long repeated = repeat(wanted);
        int at = from;
        for (; at + 8 <= to; at += 8) {
            long marks = matches(at(bytes, at), repeated);
            if (marks != 0) {
                return at + first(marks);
            }
        }
        for (; at < to; at++) {
            if (bytes[at] == wanted) {
                return at;
            }
        }
        return -1;
    }
}
