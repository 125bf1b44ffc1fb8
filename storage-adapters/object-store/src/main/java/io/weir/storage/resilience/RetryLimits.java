package io.weir.storage.resilience;

import java.time.Duration;

/**
 * How often what is safe to repeat is repeated after a failure of the store.
 *
 * @param enabled whether anything is
 * @param attempts attempts in all, the first included
 * @param firstPause before the second attempt, half of it more or less by chance; doubled each time
 * @param longestPause most of it
 */
public record RetryLimits(boolean enabled, int attempts, Duration firstPause, Duration longestPause) {

    /** Four attempts, from 200 ms to 10 s apart. */
    public static RetryLimits defaults() {
        return new RetryLimits(true, 4, Duration.ofMillis(200), Duration.ofSeconds(10));
    }
}
