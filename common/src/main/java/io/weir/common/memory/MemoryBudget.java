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

    private final String name;
    private final long limitBytes;
    private final @Nullable MemoryBudget parent;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    private MemoryBudget(String name, long limitBytes, @Nullable MemoryBudget parent) {
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("budget " + name + " needs a limit above 0 bytes, not " + limitBytes);
        }
        this.name = name;
        this.limitBytes = limitBytes;
        this.parent = parent;
    }

    /** A budget of its own. */
    public static MemoryBudget root(String name, long limitBytes) {
        return new MemoryBudget(name, limitBytes, null);
    }

    /** A part of this budget. */
    public MemoryBudget child(String childName, long childLimitBytes) {
        return new MemoryBudget(childName, childLimitBytes, this);
    }

    /**
     * Reserves {@code bytes} for one owner, who must close the reservation.
     *
     * @throws WeirException {@code overloaded} when this budget or one above it has no room
     */
    public Reservation reserve(long bytes) {
        Reservation reservation = new Reservation(this);
        reservation.grow(bytes);
        return reservation;
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

    /**
     * Counts bytes that are spent already, even beyond the limit: what is durable cannot be refused any more, but it
     * leaves no room for the next request. Balanced by {@link #credit}.
     */
    public void charge(long bytes) {
        used.addAndGet(bytes);
        if (parent != null) {
            parent.charge(bytes);
        }
    }

    /** Ends a {@link #charge}. */
    public void credit(long bytes) {
        giveBack(bytes);
    }

    void take(long bytes) {
        if (parent != null) {
            parent.take(bytes);
        }
        long after = used.addAndGet(bytes);
        if (after > limitBytes) {
            used.addAndGet(-bytes);
            if (parent != null) {
                parent.giveBack(bytes);
            }
            refused.incrementAndGet();
            throw new WeirException(
                    CommonError.OVERLOADED,
                    "no memory left for " + name + ": " + (after - bytes) + " of " + limitBytes
                            + " bytes are in use and " + bytes + " more were asked for",
                    Map.of("budget", name, "limit_bytes", limitBytes));
        }
    }

    void giveBack(long bytes) {
        used.addAndGet(-bytes);
        if (parent != null) {
            parent.giveBack(bytes);
        }
    }
}
