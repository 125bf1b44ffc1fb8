package io.weir.common.memory;

import io.weir.common.error.WeirException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Equal shares of one budget by name, such as one an organisation. A share is made by its first reservation and forgotten
 * with its last, so there are never more shares than reservations, whatever names are asked for. Thread-safe.
 */
public final class MemoryShares {

    private final MemoryBudget whole;
    private final long shareBytes;
    private final ConcurrentMap<String, Share> shares = new ConcurrentHashMap<>();

    /** A budget and how many open reservations it has; replaced, not changed, under the map's lock. */
    private record Share(MemoryBudget budget, int users) {}

    /** Shares of {@code whole}, each of at most {@code shareBytes}. */
    public MemoryShares(MemoryBudget whole, long shareBytes) {
        this.whole = whole;
        this.shareBytes = shareBytes;
    }

    /**
     * Reserves from the share of that name, and so from the whole.
     *
     * @throws WeirException {@code overloaded} when one of them has no room
     */
    public Reservation reserve(String name, long bytes, MemoryStage stage) {
        MemoryBudget share = acquire(name);
        boolean reserved = false;
        try {
            Reservation reservation = share.reserve(bytes, stage);
            reserved = true;
            return reservation;
        } finally {
            if (!reserved) {
                release(name);
            }
        }
    }

    /** Reserves bytes that are spent already, even beyond the limits. */
    public Reservation claim(String name, long bytes, MemoryStage stage) {
        return acquire(name).claim(bytes, stage);
    }

    /** Most bytes of one share. */
    public long shareBytes() {
        return shareBytes;
    }

    /** Bytes reserved from the share of that name. */
    public long usedBytes(String name) {
        Share share = shares.get(name);
        return share == null ? 0 : share.budget.usedBytes();
    }

    /** Shares in use now. */
    public int size() {
        return shares.size();
    }

    MemoryBudget acquire(String name) {
        return shares.compute(
                        name,
                        (key, known) -> known == null
                                ? new Share(new MemoryBudget(key, shareBytes, whole, this), 1)
                                : new Share(known.budget, known.users + 1))
                .budget;
    }

    void release(String name) {
        shares.computeIfPresent(
                name, (key, known) -> known.users == 1 ? null : new Share(known.budget, known.users - 1));
    }
}
