package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecimalsTest {

    private final NumberReader reader = new NumberReader();

    @Test
    void roundsAsTheJdkDoes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 400_000; i++) {
            String text = switch (i % 5) {
                case 0 -> Double.toString(Double.longBitsToDouble(random.nextLong()));
                case 1 -> Double.toString(random.nextGaussian());
                case 2 -> Long.toUnsignedString(random.nextLong()) + "e" + (random.nextInt(700) - 360);
                case 3 -> random.nextInt(100_000) + "." + random.nextInt(1_000_000);
                default -> random.nextLong() + "." + (random.nextLong() >>> 1) + "E-" + random.nextInt(30);
            };
            check(text, seed);
        }
    }

    @Test
    void roundsHalfWayCasesToEven() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            double value =
                    Math.abs(Double.longBitsToDouble(random.nextLong() & 0x47ffffffffffffffL | 0x3000000000000000L));
            BigDecimal half = new BigDecimal(value)
                    .add(new BigDecimal(Math.nextUp(value)))
                    .divide(BigDecimal.valueOf(2));
            check(half.toString(), i);
            check(Long.toString((1L << 53) + 1 + 2L * random.nextInt(1 << 20)), i);
        }
        for (int i = 0; i < 200_000; i++) {
            int zeros = 1 + i % 6;
            long step = (long) Math.pow(5, zeros);
            long digits = (random.nextLong() >>> (1 + random.nextInt(12))) / step * step;
            check(digits + "e-" + zeros, i);
            check(digits / step + "e" + random.nextInt(24), i);
        }
        for (String text : new String[] {
            "0",
            "-0",
            "-0.0",
            "4.9e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "2.2250738585072011e-308",
            "1.7976931348623157e308",
            "9007199254740993",
            "9007199254740993.0000000000001",
            "1e23",
            "8.5e22",
            "1e-400",
            "18446744073709551615",
            "0.000000000000000000000000000001",
            ".5",
            "5.",
            "123456789012345678901234567890"
        }) {
            check(text, 0);
        }
    }

    private void check(String text, long seed) {
        double wanted = Double.parseDouble(text);
        if (Double.isNaN(wanted) || Double.isInfinite(wanted) || text.contains("Infinity")) {
            return;
        }
        byte[] bytes = (text + "\n").getBytes(US_ASCII);
        assertThat(reader.field(bytes, 0)).isEqualTo(text.length());
        if (Double.doubleToRawLongBits(reader.real()) != Double.doubleToRawLongBits(wanted)) {
            assertThat(reader.real()).as("%s, seed %d", text, seed).isEqualTo(wanted);
        }
    }
}
