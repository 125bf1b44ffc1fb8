package io.weir.ingest.decode;

import java.util.Random;

/**
 * Seeded random cases. {@code -Dweir.fuzz.cases=N} sets how many, {@code -Dweir.fuzz.seed=S} the seed of the first; the
 * seed is printed, and a failure names the seed of its own case.
 */
public final class FuzzCases {

    /** How many cases a differential test runs in an ordinary build. */
    public static final int DIFFERENTIAL = 50_000;

    /** One case. */
    public interface Case {
        void run(Random random) throws Exception;
    }

    private FuzzCases() {}

    /** Runs {@code ordinary} cases, or as many as the property says, scaled alike. */
    public static void run(String name, int ordinary, Case test) {
        long wanted = Long.getLong("weir.fuzz.cases", DIFFERENTIAL);
        long cases = Math.max(1, Math.round((double) ordinary * wanted / DIFFERENTIAL));
        long seed = Long.getLong("weir.fuzz.seed", System.nanoTime());
        System.out.println(name + ": " + cases + " cases from -Dweir.fuzz.seed=" + seed);
        for (long i = 0; i < cases; i++) {
            try {
                test.run(new Random(seed + i));
            } catch (Exception | Error e) {
                throw new AssertionError(name + " fails with -Dweir.fuzz.cases=1 -Dweir.fuzz.seed=" + (seed + i), e);
            }
        }
    }
}
