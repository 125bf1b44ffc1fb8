package io.weir.common.limit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An amount that refills steadily and is paid afterwards: whoever asks while something is left may use any amount, and the
 * next one waits until the debt is paid. Thread-safe.
 */
final class Allowance {

    private static final double MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    /** Longest debt, so that one huge use does not shut an organisation out for days. */
    private static final long MOST_DEBT_NANOS = Duration.ofHours(1).toNanos();

    private final long perMinute;
    private final AtomicLong fullAgainNanos;

    Allowance(long perMinute, long nowNanos) {
        this.perMinute = perMinute;
        this.fullAgainNanos = new AtomicLong(nowNanos);
    }

    long perMinute() {
        return perMinute;
    }

    /** 0 when something is left; else nanoseconds until there is. */
    long waitNanos(long nowNanos) {
        return Math.max(0, fullAgainNanos.get() - nowNanos - (long) MINUTE_NANOS + 1);
    }

    void use(long amount, long nowNanos) {
        long cost = (long) Math.min((double) MOST_DEBT_NANOS, amount * (MINUTE_NANOS / perMinute));
        fullAgainNanos.updateAndGet(
                full -> Math.min((full - nowNanos > 0 ? full : nowNanos) + cost, nowNanos + MOST_DEBT_NANOS));
    }
}
