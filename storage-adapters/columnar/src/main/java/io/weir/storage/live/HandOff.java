package io.weir.storage.live;

import io.weir.common.error.WeirException;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.memory.Reservation;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;

/** Hands things to one worker at a time, in order, as long as a budget has room for those that wait. Thread-safe; never blocks. */
final class HandOff<T> {

    private static final Logger LOG = LoggerFactory.getLogger(HandOff.class);

    private final MemoryBudget budget;
    private final Scheduler workers;
    private final Consumer<T> work;
    private final Queue<Waiting<T>> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    private record Waiting<T>(T item, Reservation memory) {}

    HandOff(MemoryBudget budget, Scheduler workers, Consumer<T> work) {
        this.budget = budget;
        this.workers = workers;
        this.work = work;
    }

    /** Hands over something of that many bytes. @return false when there is no room for it */
    boolean offer(T item, long bytes) {
        Reservation memory;
        try {
            memory = budget.reserve(bytes);
        } catch (WeirException full) {
            return false; // the caller counts it
        }
        queue.add(new Waiting<>(item, memory));
        if (count.getAndIncrement() == 0) {
            schedule();
        }
        return true;
    }

    private void schedule() {
        try {
            workers.schedule(this::one);
        } catch (RejectedExecutionException e) {
            LOG.debug("rows are handed over no more", e); // the process stops
        }
    }

    /** One thing a turn, so that others get the worker. */
    private void one() {
        Waiting<T> next = queue.remove();
        try (Reservation held = next.memory()) {
            LOG.trace("{} bytes are handed over", held.bytes());
            work.accept(next.item());
        } catch (RuntimeException e) {
            LOG.error("rows could not be handed over to those who listen", e);
        }
        if (count.decrementAndGet() > 0) {
            schedule();
        }
    }
}
