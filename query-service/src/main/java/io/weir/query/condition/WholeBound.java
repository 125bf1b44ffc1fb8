package io.weir.query.condition;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * A number as whole numbers of 64 bits stand to it.
 *
 * @param isUnsigned whether those numbers are unsigned
 * @param floor the greatest of them that is not above it; of any value when all of them are on one side
 * @param exact whether it is that one
 * @param side how all of them stand to it, -1 or 1; 0 when it is among them
 */
record WholeBound(boolean isUnsigned, long floor, boolean exact, int side) {

    private static final int MOST_DIGITS = 20;
    private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);
    private static final BigInteger MOST_UNSIGNED =
            BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

    static WholeBound signed(BigDecimal number) {
        return of(number, false, LEAST, MOST);
    }

    static WholeBound unsigned(BigDecimal number) {
        return of(number, true, BigInteger.ZERO, MOST_UNSIGNED);
    }

    /** Never expands a number: an exponent may be as large as its writer likes. */
    private static WholeBound of(BigDecimal number, boolean unsigned, BigInteger least, BigInteger most) {
        long digits = (long) number.precision() - number.scale(); // before the point
        if (number.signum() != 0 && digits > MOST_DIGITS) {
            return new WholeBound(unsigned, 0, false, -number.signum());
        }
        if (number.signum() == 0 || digits < 0) {
            BigInteger floor = number.signum() < 0 ? BigInteger.ONE.negate() : BigInteger.ZERO;
            return within(floor, number.signum() == 0, unsigned, least, most);
        }
        BigInteger floor = number.setScale(0, RoundingMode.FLOOR).toBigIntegerExact();
        return within(floor, number.compareTo(new BigDecimal(floor)) == 0, unsigned, least, most);
    }

    private static WholeBound within(
            BigInteger floor, boolean exact, boolean unsigned, BigInteger least, BigInteger most) {
        if (floor.compareTo(most) > 0) {
            return new WholeBound(unsigned, 0, false, -1);
        }
        if (floor.compareTo(least) < 0) {
            return new WholeBound(unsigned, 0, false, 1);
        }
        return new WholeBound(unsigned, floor.longValue(), exact, 0);
    }

    /** How a value stands to the number: below 0, 0, above 0. */
    int order(long value) {
        if (side != 0) {
            return side;
        }
        int order = isUnsigned ? Long.compareUnsigned(value, floor) : Long.compare(value, floor);
        return order == 0 && !exact ? -1 : order;
    }
}
