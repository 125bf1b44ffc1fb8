package io.weir.ingest.decode;

/**
 * Turns decimal digits and an exponent into the nearest double, ties to even, without allocating. Small numbers are one
 * exact multiplication or division (W. Clinger); others go through 128-bit products (D. Lemire, 2021), which decide all
 * but a few cases. Those few are left to the caller.
 */
public final class Decimals {

    /** What {@link #toDouble} answers when it cannot decide. */
    public static final double UNDECIDED = Double.NaN;

    private static final long EXACT = 1L << 53;
    private static final double[] POWERS_OF_TEN = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private Decimals() {}

    /**
     * The double nearest to {@code digits × 10^exponent}; infinite when out of range.
     *
     * @param digits unsigned
     * @param exponent any
     * @return not negative, or {@link #UNDECIDED}
     */
    public static double toDouble(long digits, int exponent) {
        if (digits >= 0 && digits <= EXACT && exponent >= -22 && exponent <= 22) {
            return exponent < 0 ? digits / POWERS_OF_TEN[-exponent] : digits * POWERS_OF_TEN[exponent];
        }
        if (digits == 0 || exponent < PowersOfFive.LOWEST) {
            return 0;
        }
        return exponent > PowersOfFive.HIGHEST ? Double.POSITIVE_INFINITY : byProduct(digits, exponent);
    }

    /**
     * The double nearest to {@code whole + fraction / 10^digits}, where both numbers have at most seven digits: their
     * digits together are exact in a double, and so is the power, so one division rounds once.
     */
    static double scaled(long whole, long fraction, int digits) {
        double power = POWERS_OF_TEN[digits];
        return (whole * power + fraction) / power;
    }

    private static double byProduct(long digits, int exponent) {
        int shift = Long.numberOfLeadingZeros(digits);
        long factor = digits << shift;
        long high = multiplyHigh(factor, PowersOfFive.high(exponent));
        long low = factor * PowersOfFive.high(exponent);
        if ((high & 0x1ff) == 0x1ff) {
            long carry = multiplyHigh(factor, PowersOfFive.low(exponent));
            low += carry;
            if (Long.compareUnsigned(low, carry) < 0) {
                high++;
            }
        }
        if (low == -1L && (exponent < -27 || exponent > 55)) {
            return UNDECIDED;
        }
        int upper = (int) (high >>> 63);
        long mantissa = high >>> (upper + 9);
        // 217706 / 2^16 approximates log2(10) well enough for every exponent of the table.
        int biased = ((217_706 * exponent) >> 16) + 63 + upper - shift + 1_023;
        if (biased <= 0) {
            return UNDECIDED;
        }
        boolean mayBeTie = Long.compareUnsigned(low, 1) <= 0 && exponent >= -4 && exponent <= 23;
        if (mayBeTie && (mantissa & 3) == 1 && mantissa << (upper + 9) == high) {
            mantissa--;
        }
        mantissa = (mantissa + (mantissa & 1)) >>> 1;
        if (mantissa >= EXACT) {
            mantissa = EXACT >>> 1;
            biased++;
        }
        return biased >= 2_047
                ? Double.POSITIVE_INFINITY
                : Double.longBitsToDouble((mantissa & ((1L << 52) - 1)) | (long) biased << 52);
    }

    /** Upper half of the product of two unsigned numbers. */
    private static long multiplyHigh(long a, long b) {
        return Math.multiplyHigh(a, b) + ((a >> 63) & b) + ((b >> 63) & a);
    }
}
