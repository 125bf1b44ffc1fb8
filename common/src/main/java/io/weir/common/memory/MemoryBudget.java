package io.weir.common.memory;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A number of bytes that may be held at once for one purpose. Budgets form a tree: what is reserved from a budget is
 * reserved from its parents too, so a part can be limited without the parts together passing the whole. Reserving never
 * waits: when there is no room it fails, before the memory is spent. Thread-safe.
 */
public final class MemoryBudget {

    private static final MemoryStage UNNAMED = new MemoryStage("unnamed");

    private final String name;
    private final long limitBytes;
    private final @Nullable MemoryBudget parent;
    private final @Nullable MemoryShares shares;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    MemoryBudget(String name, long limitBytes, @Nullable MemoryBudget parent, @Nullable MemoryShares shares) {
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("budget " + name + " needs a limit above 0 bytes, not " + limitBytes);
        }
        this.name = name;
        this.limitBytes = limitBytes;
        this.parent = parent;
        this.shares = shares;
    }

    /** A budget of its own. */
    public static MemoryBudget root(String name, long limitBytes) {
        return new MemoryBudget(name, limitBytes, null, null);
    }

    /** A part of this budget. */
    public MemoryBudget child(String childName, long childLimitBytes) {
        return new MemoryBudget(childName, childLimitBytes, this, null);
    }

    /**
     * Reserves {@code bytes} for one owner, who must close the reservation.
     *
     * @throws WeirException {@code overloaded} when this budget or one above it has no room
     */
    public Reservation reserve(long bytes) {
        return reserve(bytes, UNNAMED);
    }

    /** Like {@link #reserve(long)}, counted in that stage. */
    public Reservation reserve(long bytes, MemoryStage stage) {
        Reservation reservation = new Reservation(this, stage);
        reservation.grow(bytes);
        return reservation;
    }

    /**
     * A reservation of bytes that are spent already, even beyond the limit: what is durable cannot be refused any more,
     * but it leaves no room for the next request.
     */
    public Reservation claim(long bytes, MemoryStage stage) {
        charge(bytes);
        return new Reservation(this, stage, bytes);
    }

    /** Bytes reserved now. */
    public long usedBytes() {
        return used.get();
    }

    /** Bytes that may be reserved at once. */
    public long limitBytes() {
        return limitBytes;
    }

    /** Times a reservation was refused here. */
    public long refusedCount() {
        return refused.get();
    }

    /** Name for messages and metrics. */
    public String name() {
        return name;
    }

    /** Counts bytes without a reservation, even beyond the limit. Balanced by {@link #credit}. */
    public void charge(long bytes) {
        used.addAndGet(bytes);
        if (parent != null) {
            parent.charge(bytes);
        }
    }

    /** Like {@link #charge(long)}, or {@link #credit} when negative, counted in that stage. */
    public void charge(long bytes, MemoryStage stage) {
        charge(bytes);
        stage.add(bytes);
    }

    /** Ends a {@link #charge}. */
    public void credit(long bytes) {
        giveBack(bytes);
    }

    void take(long bytes) {
        long before = used.get();
        while (bytes <= limitBytes - before) {
            if (used.compareAndSet(before, before + bytes)) {
                takeAbove(bytes);
                return;
            }
            before = used.get();
        }
        refused.incrementAndGet();
        throw new WeirException(
                CommonError.OVERLOADED,
                "no memory left for " + name + ": " + before + " of " + limitBytes + " bytes are in use and " + bytes
                        + " more were asked for",
                Map.of("budget", name, "limit_bytes", limitBytes));
    }

    private void takeAbove(long bytes) {
        if (parent == null) {
            return;
        }
        boolean taken = false;
        try {
            parent.take(bytes);
            taken = true;
        } finally {
            if (!taken) {
                used.addAndGet(-bytes);
            }
        }
    }

    void giveBack(long bytes) {
        used.addAndGet(-bytes);
        if (parent != null) {
            parent.giveBack(bytes);
        }
    }

    /** Keeps this budget known for one more reservation; the budget to use, which is another one when this was forgotten. */
    MemoryBudget retain() {
        return shares == null ? this : shares.acquire(name);
    }

    /** Ends a {@link #retain}. */
    void release() {
        if (shares != null) {
            shares.release(name);
        }
    }
}
