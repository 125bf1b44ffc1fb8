package io.weir.common.memory;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A step of the pipeline that holds memory: how much, and how often something was refused for want of it there. Every
 * {@link Reservation} is in one stage at a time. Thread-safe.
 */
public final class MemoryStage {

    private final String name;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /** A stage that holds nothing yet. */
    public MemoryStage(String name) {
        this.name = name;
    }

    /** Name for metrics. */
    public String name() {
        return name;
    }

    /** Bytes that reservations in this stage hold now. */
    public long usedBytes() {
        return used.get();
    }

    /** Times something was refused at this stage. */
    public long refusedCount() {
        return refused.get();
    }

    /** Counts a refusal that no reservation saw, such as one decided from headers. */
    public void refused() {
        refused.incrementAndGet();
    }

    void add(long bytes) {
        used.addAndGet(bytes);
    }
}
