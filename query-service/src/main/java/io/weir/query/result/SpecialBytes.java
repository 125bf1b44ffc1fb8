package io.weir.query.result;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looks for bytes that a text format has to write otherwise, eight at a time. */
final class SpecialBytes {

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long TOPS = 0x8080_8080_8080_8080L;

    private SpecialBytes() {}

    static long word(byte[] bytes, int at) {
        return (long) WORDS.get(bytes, at);
    }

    static void setWord(byte[] bytes, int at, long word) {
        WORDS.set(bytes, at, word);
    }

    /** Whether none of those bytes needs an escape in JSON: a control character, a quote or a backslash. */
    static boolean arePlainJson(byte[] bytes, int from, int length) {
        int last = from + length - Long.BYTES;
        int at = from;
        for (; at <= last; at += Long.BYTES) {
            if (json(word(bytes, at)) != 0) {
                return false;
            }
        }
        for (; at < from + length; at++) {
            byte b = bytes[at];
            if ((b >= 0 && b < ' ') || b == '"' || b == '\\') {
                return false;
            }
        }
        return true;
    }

    /** Whether none of those bytes makes a cell of CSV need quotes. */
    static boolean arePlainCell(byte[] bytes, int from, int length) {
        int last = from + length - Long.BYTES;
        int at = from;
        for (; at <= last; at += Long.BYTES) {
            long word = word(bytes, at);
            if ((equal(word, '"') | equal(word, ',') | equal(word, '\n') | equal(word, '\r')) != 0) {
                return false;
            }
        }
        for (; at < from + length; at++) {
            byte b = bytes[at];
            if (b == '"' || b == ',' || b == '\n' || b == '\r') {
                return false;
            }
        }
        return true;
    }

    private static long json(long word) {
        return ((word - ONES * ' ') & ~word & TOPS) | equal(word, '"') | equal(word, '\\');
    }

    /** Not 0 when one of the eight bytes is that one. */
    private static long equal(long word, int b) {
        long zero = word ^ ONES * b;
        return (zero - ONES) & ~zero & TOPS;
    }
}
