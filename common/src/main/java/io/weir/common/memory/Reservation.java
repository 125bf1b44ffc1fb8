package io.weir.common.memory;

import io.weir.common.error.WeirException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes taken from a {@link MemoryBudget} by one owner. Closing gives all of them back; closing again does nothing, and
 * a reservation that is closed can not grow. Thread-safe, so that whichever of success, error or cancel comes first may
 * close it.
 */
public final class Reservation implements AutoCloseable {

    private static final long CLOSED = Long.MIN_VALUE;

    private final MemoryBudget budget;
    private final AtomicLong held = new AtomicLong();

    Reservation(MemoryBudget budget) {
        this.budget = budget;
    }

    /**
     * Takes {@code delta} more bytes; a negative delta gives bytes back.
     *
     * @throws WeirException {@code overloaded} when the budget has no room; what was held before stays held
     * @throws IllegalStateException when closed
     */
    public void grow(long delta) {
        if (delta > 0) {
            budget.take(delta);
        }
        while (true) {
            long now = held.get();
            if (now == CLOSED) {
                if (delta > 0) {
                    budget.giveBack(delta);
                }
                throw new IllegalStateException("reservation is closed");
            }
            if (held.compareAndSet(now, now + delta)) {
                break;
            }
        }
        if (delta < 0) {
            budget.giveBack(-delta);
        }
    }

    /** Bytes held now; 0 once closed. */
    public long bytes() {
        return Math.max(0, held.get());
    }

    @Override
    public void close() {
        long bytes = held.getAndSet(CLOSED);
        if (bytes != CLOSED && bytes != 0) {
            budget.giveBack(bytes);
        }
    }
}
