package io.weir.ingest.decode;

import java.math.BigInteger;

/**
 * 5^q for every q a double can need, as 128 bits whose highest is set: truncated, but rounded up for −27 ≤ q < 0,
 * as the algorithm of D. Lemire, "Number parsing at a gigabyte per second" (2021), section 6, asks for.
 */
final class PowersOfFive {

    /** Smallest exponent in the table; with 19 digits in front, anything below is 0. */
    static final int LOWEST = -342;

    /** Largest exponent in the table; anything above is infinite. */
    static final int HIGHEST = 308;

    private static final int LAST_ROUNDED_UP = 27;

    private static final long[] HIGH = new long[HIGHEST - LOWEST + 1];
    private static final long[] LOW = new long[HIGHEST - LOWEST + 1];

    static {
        BigInteger five = BigInteger.valueOf(5);
        BigInteger power = BigInteger.ONE;
        for (int q = 0; q <= -LOWEST; q++) {
            if (q <= HIGHEST) {
                put(q, normalised(power));
            }
            if (q > 0) {
                put(-q, reciprocal(q, power));
            }
            power = power.multiply(five);
        }
    }

    private PowersOfFive() {}

    /** Upper 64 bits of 5^q. */
    static long high(int q) {
        return HIGH[q - LOWEST];
    }

    /** Lower 64 bits of 5^q. */
    static long low(int q) {
        return LOW[q - LOWEST];
    }

    /** 1 / 5^q: rounded up while ties can occur, so that the product of a tie is never too small; else truncated. */
    private static BigInteger reciprocal(int q, BigInteger power) {
        if (q <= LAST_ROUNDED_UP) {
            return BigInteger.ONE
                    .shiftLeft(power.bitLength() + 127)
                    .divide(power)
                    .add(BigInteger.ONE);
        }
        return normalised(BigInteger.ONE.shiftLeft(2 * power.bitLength() + 128).divide(power));
    }

    private static BigInteger normalised(BigInteger value) {
        int shift = 128 - value.bitLength();
        return shift >= 0 ? value.shiftLeft(shift) : value.shiftRight(-shift);
    }

    private static void put(int q, BigInteger bits) {
        HIGH[q - LOWEST] = bits.shiftRight(64).longValue();
        LOW[q - LOWEST] = bits.longValue();
    }
}
