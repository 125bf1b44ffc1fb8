package io.weir.query.result;

/** Numbers as ASCII in a place of an array that has room for them. Each method gives the place behind what it wrote. */
final class NumberText {

    /** The most that a long, double or float needs. */
    static final int WIDEST = 26;

    private static final byte[] PAIRS = pairs();
    private static final long[] TENS = tens();

    private NumberText() {}

    /** The two digits of each number below 100. */
    private static byte[] pairs() {
        byte[] pairs = new byte[200];
        for (int i = 0; i < 100; i++) {
            pairs[2 * i] = (byte) ('0' + i / 10);
            pairs[2 * i + 1] = (byte) ('0' + i % 10);
        }
        return pairs;
    }

    private static long[] tens() {
        long[] tens = new long[19];
        tens[0] = 1;
        for (int i = 1; i < tens.length; i++) {
            tens[i] = tens[i - 1] * 10;
        }
        return tens;
    }

    /** A whole number. */
    static int put(byte[] out, int at, long value) {
        if (value >= 0) {
            return unsigned(out, at, value);
        }
        out[at] = '-';
        if (value == Long.MIN_VALUE) {
            int end = unsigned(out, at + 1, 922_337_203_685_477_580L);
            out[end] = '8';
            return end + 1;
        }
        return unsigned(out, at + 1, -value);
    }

    private static int unsigned(byte[] out, int at, long value) {
        if (value < 10) {
            out[at] = (byte) ('0' + value);
            return at + 1;
        }
        if (value < 100) {
            return two(out, at, (int) value);
        }
        int end = at + digits(value);
        backwards(out, end, value);
        return end;
    }

    /** How many digits a number from 0 on has. */
    private static int digits(long value) {
        int guess = ((64 - Long.numberOfLeadingZeros(value | 1)) * 1233) >> 12; // log10(2)
        return guess < TENS.length && value >= TENS[guess] ? guess + 1 : Math.max(guess, 1);
    }

    /** The digits of {@code value} so that they end before {@code end}. */
    private static void backwards(byte[] out, int end, long value) {
        int at = end;
        long rest = value;
        while (rest > Integer.MAX_VALUE) {
            long upper = rest / 100;
            at -= 2;
            two(out, at, (int) (rest - upper * 100));
            rest = upper;
        }
        int small = (int) rest;
        while (small >= 100) {
            int upper = small / 100;
            at -= 2;
            two(out, at, small - upper * 100);
            small = upper;
        }
        if (small >= 10) {
            two(out, at - 2, small);
        } else {
            out[at - 1] = (byte) ('0' + small);
        }
    }

    /** A number below 100 with a leading zero. */
    static int two(byte[] out, int at, int value) {
        out[at] = PAIRS[2 * value];
        out[at + 1] = PAIRS[2 * value + 1];
        return at + 2;
    }

    /** A number below 1000 with leading zeros. */
    static int three(byte[] out, int at, int value) {
        int hundreds = value / 100;
        out[at] = (byte) ('0' + hundreds);
        return two(out, at + 1, value - hundreds * 100);
    }

    /** A finite number in the form of {@link Double#toString}, with as few digits as it needs. */
    static int put(byte[] out, int at, double value, ShortestDecimal decimal) {
        int from = sign(out, at, Double.doubleToRawLongBits(value) < 0);
        double positive = Math.abs(value);
        if (positive < 1e7 && positive == (int) positive) {
            return point(out, unsigned(out, from, (int) positive));
        }
        decimal.of(positive);
        return decimal(out, from, decimal.digits, decimal.exponent);
    }

    /** A finite number in the form of {@link Float#toString}, with as few digits as it needs. */
    static int put(byte[] out, int at, float value, ShortestDecimal decimal) {
        int from = sign(out, at, Float.floatToRawIntBits(value) < 0);
        float positive = Math.abs(value);
        if (positive < 1e7f && positive == (int) positive) {
            return point(out, unsigned(out, from, (int) positive));
        }
        decimal.of(positive);
        return decimal(out, from, decimal.digits, decimal.exponent);
    }

    private static int sign(byte[] out, int at, boolean isNegative) {
        if (isNegative) {
            out[at] = '-';
            return at + 1;
        }
        return at;
    }

    private static int point(byte[] out, int at) {
        out[at] = '.';
        out[at + 1] = '0';
        return at + 2;
    }

    private static int decimal(byte[] out, int at, long digits, int exponent) {
        int magnitude = digits(digits) + exponent - 1; // of the first digit
        long significant = withoutTrailingZeros(digits);
        int length = digits(significant);
        if (magnitude < -3 || magnitude >= 7) {
            backwards(out, at + 1 + length, significant);
            out[at] = out[at + 1];
            out[at + 1] = '.';
            int end = at + 1 + length;
            if (length == 1) {
                out[at + 2] = '0';
                end = at + 3;
            }
            out[end] = 'E';
            return put(out, end + 1, magnitude);
        }
        if (magnitude < 0) {
            out[at] = '0';
            out[at + 1] = '.';
            int zeros = -magnitude - 1;
            for (int i = 0; i < zeros; i++) {
                out[at + 2 + i] = '0';
            }
            int end = at + 2 + zeros + length;
            backwards(out, end, significant);
            return end;
        }
        int whole = magnitude + 1;
        if (length <= whole) {
            int end = unsigned(out, at, significant * TENS[whole - length]);
            return point(out, end);
        }
        int end = at + length + 1;
        backwards(out, end, significant);
        System.arraycopy(out, at + 1, out, at, whole);
        out[at + whole] = '.';
        return end;
    }

    private static long withoutTrailingZeros(long digits) {
        long rest = digits;
        if (rest >= 100_000_000L) {
            long upper = rest / 100_000_000L;
            if (upper * 100_000_000L == rest) {
                rest = upper;
            }
        }
        for (long upper = rest / 10; upper * 10 == rest; upper = rest / 10) {
            rest = upper;
        }
        return rest;
    }
}
