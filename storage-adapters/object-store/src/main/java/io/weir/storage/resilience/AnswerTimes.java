package io.weir.storage.resilience;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long the latest calls of one class waited for their answers, besides what their bytes need, and how long the next one
 * may: {@value #FACTOR} times what 99 of 100 took, within the configured bounds. A call that was ended by that limit counts
 * as one that took twice as long, so that a store which has become slower gets the whole time again after a few of them.
 * Thread-safe.
 */
final class AnswerTimes {

    private static final int WINDOW = 256;
    private static final int FACTOR = 4;
    private static final int SLOW_PERCENT = 99;

    /** Fewer calls tell nothing. */
    private static final int LEAST = 20;

    /** Sorting is done once for so many calls. */
    private static final int STEP = 8;

    private final TimeLimits limits;
    private final AtomicLongArray nanos = new AtomicLongArray(WINDOW);
    private final AtomicLong seen = new AtomicLong();
    private volatile long limitNanos;

    AnswerTimes(TimeLimits limits) {
        this.limits = limits;
        this.limitNanos = limits.attempt().toNanos();
    }

    /** Time for one attempt, besides what its bytes need. */
    Duration limit() {
        return Duration.ofNanos(limitNanos);
    }

    /** A call was answered after that time, of which its bytes need none. */
    void answered(long tookNanos) {
        if (add(tookNanos) % STEP == 0) {
            adapt();
        }
    }

    /** A call was ended after that time without an answer. */
    void timedOut(long tookNanos) {
        add(2 * tookNanos);
        adapt();
    }

    private long add(long tookNanos) {
        long before = seen.getAndIncrement();
        nanos.set((int) (before % WINDOW), Math.max(0, tookNanos));
        return before + 1;
    }

    private void adapt() {
        int count = (int) Math.min(seen.get(), WINDOW);
        if (!limits.adaptive() || count < LEAST) {
            return;
        }
        long[] sorted = new long[count];
        for (int i = 0; i < count; i++) {
            sorted[i] = nanos.get(i);
        }
        Arrays.sort(sorted);
        long slow = sorted[Math.min(count - 1, count * SLOW_PERCENT / 100)];
        long most = limits.attempt().toNanos();
        limitNanos = Math.max(Math.min(limits.floor().toNanos(), most), Math.min(most, FACTOR * slow));
    }
}
