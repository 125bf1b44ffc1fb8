package io.weir.query.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers as text, against what {@link BigDecimal} knows of them and, on Java 19 and later, {@link Double#toString}. */
class NumberTextTest {

    private static final long CASES = Long.getLong("weir.fuzz.cases", 100_000);

    private final ShortestDecimal decimal = new ShortestDecimal();
    private final byte[] out = new byte[64];

    private String text(double value) {
        return new String(out, 3, NumberText.put(out, 3, value, decimal) - 3, StandardCharsets.US_ASCII);
    }

    private String text(float value) {
        return new String(out, 3, NumberText.put(out, 3, value, decimal) - 3, StandardCharsets.US_ASCII);
    }

    private String text(long value) {
        return new String(out, 3, NumberText.put(out, 3, value) - 3, StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.0",
        "-0.0, -0.0",
        "1, 1.0",
        "-1, -1.0",
        "0.1, 0.1",
        "45.3, 45.3",
        "100, 100.0",
        "1234567, 1234567.0",
        "9999999, 9999999.0",
        "10000000, 1.0E7",
        "12345678.9, 1.23456789E7",
        "0.001, 0.001",
        "0.00123, 0.00123",
        "0.000999, 9.99E-4",
        "1e23, 1.0E23",
        "2e23, 2.0E23",
        "9007199254740993, 9.007199254740992E15",
        "4.9e-324, 4.9E-324",
        "9.9e-324, 9.9E-324",
        "1.5e-323, 1.5E-323",
        "2.2250738585072014E-308, 2.2250738585072014E-308",
        "1.7976931348623157E308, 1.7976931348623157E308",
        "2.0E-3, 0.002",
        "8.41E21, 8.41E21",
        "5.0E-320, 5.0E-320",
    })
    void doublesHaveTheFormOfJavaWithAsFewDigitsAsTheyNeed(double value, String expected) {
        assertThat(text(value)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.0",
        "0.1, 0.1",
        "1.4e-45, 1.4E-45",
        "2.8e-45, 2.8E-45",
        "3.4028235E38, 3.4028235E38",
        "1.17549435E-38, 1.1754944E-38",
        "16777216, 1.6777216E7",
        "33554432, 3.3554432E7",
        "-0.25, -0.25",
        "2.0E-3, 0.002",
        "8999999, 8999999.0",
        "9e9, 9.0E9",
    })
    void floatsLikewise(float value, String expected) {
        assertThat(text(value)).isEqualTo(expected);
    }

    @Test
    void randomDoublesAreTheShortestAndClosest() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (long i = 0; i < CASES; i++) {
            check(Double.longBitsToDouble(random.nextLong()));
            check(random.nextInt(1_000_000) / 1_000.0);
            check(random.nextLong() / (double) (1L << random.nextInt(60)));
            check(Double.longBitsToDouble(random.nextLong() >>> 12 + random.nextInt(50))); // subnormal
            check(Math.scalb(1 + random.nextInt(3) / 4.0, random.nextInt(2046) - 1022));
        }
    }

    @Test
    void everyPowerOfTwoAndTenAndItsNeighbours() {
        for (int exponent = -1074; exponent <= 1023; exponent++) {
            double power = Math.scalb(1.0, exponent);
            check(power);
            check(Math.nextUp(power));
            check(Math.nextDown(power));
        }
        for (int exponent = -323; exponent <= 308; exponent++) {
            double power = Double.parseDouble("1e" + exponent);
            check(power);
            check(Math.nextUp(power));
            check(Math.nextDown(power));
        }
        for (long bits = 1; bits < 2_000; bits++) {
            check(Double.longBitsToDouble(bits));
        }
    }

    private void check(double value) {
        if (!Double.isFinite(value)) {
            return;
        }
        String text = text(value);
        if (Runtime.version().feature() >= 19) {
            assertThat(text).isEqualTo(Double.toString(value));
            return;
        }
        assertThat(Double.parseDouble(text)).as(text).isEqualTo(value);
        if (value != 0) {
            assertShortestAndClosest(text, new BigDecimal(value), read -> read.doubleValue() == value);
        }
    }

    @Test
    void randomFloatsAreTheShortestAndClosest() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (long i = 0; i < CASES; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            if (Float.isFinite(value) && value != 0) {
                String text = text(value);
                assertThat(Float.parseFloat(text)).as(text).isEqualTo(value);
                assertShortestAndClosest(text, new BigDecimal(value), read -> read.floatValue() == value);
            }
        }
    }

    private interface Reading {
        boolean gives(BigDecimal text);
    }

    /** No number of fewer digits is read as the value, and none of as many is closer; of two digits at least. */
    private static void assertShortestAndClosest(String text, BigDecimal value, Reading reading) {
        BigDecimal shown = new BigDecimal(text);
        int digits = Math.max(2, shown.stripTrailingZeros().precision());
        if (digits > 2) {
            for (RoundingMode mode : new RoundingMode[] {RoundingMode.DOWN, RoundingMode.UP}) {
                BigDecimal shorter = value.round(new MathContext(digits - 1, mode));
                assertThat(reading.gives(shorter)).as("%s is %s", shorter, text).isFalse();
            }
        }
        BigDecimal off = shown.subtract(value).abs();
        for (RoundingMode mode : new RoundingMode[] {RoundingMode.DOWN, RoundingMode.UP}) {
            BigDecimal other = value.round(new MathContext(digits, mode));
            if (reading.gives(other)) {
                assertThat(off)
                        .as("%s against %s", text, other)
                        .isLessThanOrEqualTo(other.subtract(value).abs());
            }
        }
    }

    @Test
    void wholeNumbersOfEveryLengthAreThemselves() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (long ten = 1; ten > 0 && ten < Long.MAX_VALUE / 10; ten *= 10) {
            for (long value : new long[] {ten - 1, ten, ten + 1}) {
                assertThat(text(value)).isEqualTo(Long.toString(value));
                assertThat(text(-value)).isEqualTo(Long.toString(-value));
            }
        }
        for (long value :
                new long[] {Long.MIN_VALUE, Long.MIN_VALUE + 1, Long.MAX_VALUE, Integer.MAX_VALUE, 1L << 31}) {
            assertThat(text(value)).isEqualTo(Long.toString(value));
        }
        for (long i = 0; i < CASES; i++) {
            long value = random.nextLong() >> random.nextInt(64);
            assertThat(text(value)).isEqualTo(Long.toString(value));
        }
    }
}
