package io.weir.common.memory;

import io.weir.common.error.WeirException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes taken from a {@link MemoryBudget} by one owner, in one {@link MemoryStage}. Closing gives all of them back;
 * closing again does nothing, and a reservation that is closed can not grow. Thread-safe, so that whichever of success,
 * error or cancel comes first may close it.
 */
public final class Reservation implements AutoCloseable {

    private static final long CLOSED = Long.MIN_VALUE;

    private final MemoryBudget budget;
    private final MemoryStage stage;
    private final AtomicLong held = new AtomicLong();

    Reservation(MemoryBudget budget, MemoryStage stage) {
        this.budget = budget;
        this.stage = stage;
    }

    /** Takes over bytes that the budget counts already. */
    Reservation(MemoryBudget budget, MemoryStage stage, long bytes) {
        this(budget, stage);
        held.set(bytes);
        stage.add(bytes);
    }

    /**
     * Takes {@code delta} more bytes; a negative delta gives bytes back.
     *
     * @throws WeirException {@code overloaded} when the budget has no room; what was held before stays held
     * @throws IllegalStateException when closed
     */
    public void grow(long delta) {
        if (delta > 0) {
            take(delta);
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
        stage.add(delta);
        if (delta < 0) {
            budget.giveBack(-delta);
        }
    }

    private void take(long bytes) {
        try {
            budget.take(bytes);
        } catch (WeirException full) {
            stage.refused();
            throw full;
        }
    }

    /**
     * Hands {@code bytes} of this over to a new owner, in another stage, without giving them back in between. What this
     * does not hold, because it is closed or was too small, is counted beyond the limit: it is in memory already.
     */
    public Reservation split(long bytes, MemoryStage next) {
        MemoryBudget kept = budget.retain();
        long moved = 0;
        for (long now = held.get(); now != CLOSED; now = held.get()) {
            moved = Math.max(0, Math.min(now, bytes));
            if (held.compareAndSet(now, now - moved)) {
                stage.add(-moved);
                break;
            }
            moved = 0;
        }
        if (moved < bytes) {
            kept.charge(bytes - moved);
        }
        return new Reservation(kept, next, bytes);
    }

    /** Takes over what {@code other} holds, and closes it. Not to be called when this may be closed meanwhile. */
    public void absorb(Reservation other) {
        long bytes = other.held.getAndSet(CLOSED);
        if (bytes == CLOSED) {
            return;
        }
        other.stage.add(-bytes);
        stage.add(bytes);
        held.addAndGet(bytes);
        if (other.budget != budget) {
            budget.charge(bytes);
            other.budget.giveBack(bytes);
        }
        other.budget.release();
    }

    /** Bytes held now; 0 once closed. */
    public long bytes() {
        return Math.max(0, held.get());
    }

    @Override
    public void close() {
        long bytes = held.getAndSet(CLOSED);
        if (bytes == CLOSED) {
            return;
        }
        stage.add(-bytes);
        budget.giveBack(bytes);
        budget.release();
    }
}
