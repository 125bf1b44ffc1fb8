package io.weir.query.result;

import java.math.BigInteger;

/**
 * The shortest decimal number that is read back as a given binary one, and of those the closest to it; an even last digit
 * where two are as close. A number of one digit counts as one of two, as in {@link Double#toString} of Java 19 and later.
 * Finds it without a loop, as R. Giulietti's "The Schubfach way to render doubles" (2021) proves: the number, and the
 * bounds of what is rounded to it, are scaled by a power of ten and rounded to odd quarters, which keeps every comparison
 * that matters. Not thread-safe: the result is read from the fields.
 */
final class ShortestDecimal {

    /** Of the form {@code digits * 10^exponent}; the digits may end in zeros. */
    long digits;

    int exponent;

    private static final int DOUBLE_BITS = 52;
    private static final int DOUBLE_MIN_EXPONENT = -1074;
    private static final int FLOAT_BITS = 23;
    private static final int FLOAT_MIN_EXPONENT = -149;
    /** Below, one digit would do, and the closest number of two digits is asked for. */
    private static final long DOUBLE_TINY = 3;

    private static final long FLOAT_TINY = 8;

    private static final int MIN_POWER = -292;
    private static final int MAX_POWER = 324;
    private static final long LOW_63 = Long.MAX_VALUE;
    /** For each power of ten its 126 leading bits, rounded up: the upper 63, then the lower 63. */
    private static final long[] POWERS = powers();

    private static long[] powers() {
        long[] powers = new long[2 * (MAX_POWER - MIN_POWER + 1)];
        for (int power = MIN_POWER; power <= MAX_POWER; power++) {
            int scale = 125 - floorLog2OfPow10(power);
            BigInteger ten = BigInteger.TEN.pow(Math.abs(power));
            BigInteger scaled = power >= 0
                    ? ten.shiftLeft(Math.max(scale, 0)).shiftRight(Math.max(-scale, 0))
                    : BigInteger.ONE.shiftLeft(scale).divide(ten);
            BigInteger above = scaled.add(BigInteger.ONE);
            int at = 2 * (power - MIN_POWER);
            powers[at] = above.shiftRight(63).longValueExact();
            powers[at + 1] = above.longValue() & LOW_63;
        }
        return powers;
    }

    /** The largest n with {@code 10^n <= 2^power}. */
    private static int floorLog10OfPow2(int power) {
        return (int) ((power * 661_971_961_083L) >> 41); // log10(2), 41 bits of it
    }

    /** The largest n with {@code 10^n <= 3/4 * 2^power}. */
    private static int floorLog10OfThreeQuarters(int power) {
        return (int) ((power * 661_971_961_083L - 274_743_187_321L) >> 41); // and log10(3/4)
    }

    /** The largest n with {@code 2^n <= 10^power}. */
    private static int floorLog2OfPow10(int power) {
        return (int) ((power * 913_124_641_741L) >> 38); // log2(10), 38 bits of it
    }

    /** Finds the decimal of a finite number above 0. */
    void of(double value) {
        long bits = Double.doubleToRawLongBits(value);
        find(
                bits & ((1L << DOUBLE_BITS) - 1),
                (int) (bits >>> DOUBLE_BITS),
                1L << DOUBLE_BITS,
                DOUBLE_MIN_EXPONENT,
                DOUBLE_TINY);
    }

    /** Finds the decimal of a finite number above 0. */
    void of(float value) {
        int bits = Float.floatToRawIntBits(value);
        find(bits & ((1 << FLOAT_BITS) - 1), bits >>> FLOAT_BITS, 1L << FLOAT_BITS, FLOAT_MIN_EXPONENT, FLOAT_TINY);
    }

    private void find(long fraction, int biased, long hidden, int minExponent, long tiny) {
        if (biased == 0) {
            if (fraction < tiny) {
                scaled(10 * fraction, minExponent, false, -1);
            } else {
                scaled(fraction, minExponent, false, 0);
            }
        } else {
            // The gap below a power of two is half the one above, but for the smallest of them.
            scaled(hidden | fraction, minExponent + biased - 1, fraction == 0 && biased > 1, 0);
        }
    }

    /** Of {@code c * 2^q}. */
    private void scaled(long c, int q, boolean narrowBelow, int shift) {
        int k = narrowBelow ? floorLog10OfThreeQuarters(q) : floorLog10OfPow2(q);
        int h = q + floorLog2OfPow10(-k) + 2;
        int at = 2 * (-k - MIN_POWER);
        long high = POWERS[at];
        long low = POWERS[at + 1];
        long quarters = c << 2;
        long value = roundedToOdd(high, low, quarters << h);
        long lower =
                roundedToOdd(high, low, (quarters - (narrowBelow ? 1 : 2)) << h) + (c & 1); // an odd one owns no bound
        long upper = roundedToOdd(high, low, (quarters + 2) << h) - (c & 1);
        long below = value >> 2;
        exponent = k + shift;
        if (below >= 100) {
            long tens = below / 10 * 10;
            boolean isLow = lower <= (tens << 2);
            boolean isHigh = ((tens + 10) << 2) <= upper;
            if (isLow != isHigh) {
                digits = isLow ? tens : tens + 10;
                return;
            }
        }
        boolean isLow = lower <= (below << 2);
        boolean isHigh = ((below + 1) << 2) <= upper;
        if (isLow == isHigh) {
            long off = value - ((below + below + 1) << 1);
            isLow = off < 0 || (off == 0 && (below & 1) == 0);
        }
        digits = isLow ? below : below + 1;
    }

    /** {@code (high * 2^63 + low) * c / 2^127} as an integer, made odd where something was cut off. */
    private static long roundedToOdd(long high, long low, long c) {
        long middle = ((high * c) >>> 1) + Math.multiplyHigh(low, c);
        long whole = Math.multiplyHigh(high, c) + (middle >>> 63);
        return whole | (((middle & LOW_63) + LOW_63) >>> 63);
    }
}
