package io.weir.standalone.cli.demo;

import java.util.SplittableRandom;

/** Randomness that is the same on every machine: only exact arithmetic and {@link StrictMath}. */
final class Noise {

    private final SplittableRandom random;

    Noise(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** Uniform in [low, high). */
    double between(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    /** Uniform in [low, high]. */
    int whole(int low, int high) {
        return random.nextInt(low, high + 1);
    }

    /** About normal around 0 with the given spread: twelve uniform numbers added up. */
    double around(double spread) {
        double sum = -6;
        for (int i = 0; i < 12; i++) {
            sum += random.nextDouble();
        }
        return sum * spread;
    }

    /** Outside temperature at a minute of the day: coldest before sunrise, warmest in the afternoon. */
    static double ambient(double mean, int minute) {
        return mean - 5.5 * StrictMath.cos(2 * StrictMath.PI * (minute - 240) / 1440.0);
    }
}
