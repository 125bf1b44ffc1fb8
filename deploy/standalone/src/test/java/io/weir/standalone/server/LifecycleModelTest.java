package io.weir.standalone.server;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All that happens to rows in a life, in any order and killed at any step, against sets of rows in memory: after each step
 * every measurement has the rows that it should have. REQUIREMENTS L1, L2, L3; LESSONS 18, 19, 20, 21, 47.
 */
class LifecycleModelTest {

    private static final int STEPS = Integer.getInteger("weir.model.steps", 250);
    private static final int SEEDS = Integer.getInteger("weir.model.seeds", 1);

    @Test
    void whateverHappensEveryMeasurementHasTheRowsItShouldHave(@TempDir Path directory) throws Exception {
        long first = Long.getLong("weir.model.seed", System.nanoTime());
        for (int n = 0; n < SEEDS; n++) {
            long began = System.nanoTime();
            System.out.println("LifecycleModelTest seed " + (first + n));
            try (LifecycleModel model = new LifecycleModel(directory.resolve("seed" + n), first + n)) {
                model.live(STEPS);
                System.out.println("LifecycleModelTest seed " + (first + n) + ": " + model.told() + " in "
                        + Duration.ofNanos(System.nanoTime() - began).toSeconds() + " s");
            }
        }
    }
}
