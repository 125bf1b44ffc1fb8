package io.weir.query.tail;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.WeirException;
import io.weir.common.live.RowListener;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.memory.Reservation;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;

/**
 * Everybody who listens to one measurement. Batches wait in a bounded queue, out of which the oldest go first; one worker at a
 * time encodes them. It pauses while every reader is full, so the fastest reader sets the pace, and a slow one loses rows
 * without holding up others. Thread-safe.
 */
final class Room implements RowListener {

    private static final Logger LOG = LoggerFactory.getLogger(Room.class);

    /** Frames after which others get the worker. */
    private static final int TURN = 16;

    private final TableId table;
    private final TailSettings settings;
    private final MemoryBudget budget;
    private final Scheduler workers;
    private final AtomicInteger signals = new AtomicInteger();
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private long queuedBytes;
    private long missed;
    private boolean ended;
    private volatile List<TailReader> readers = List.of();
    private @Nullable RoomPass pass; // the worker's

    /** A batch and what it holds of the budget. */
    private record Waiting(ColumnBatch batch, Reservation memory) {}

    /**
     * A room without readers.
     *
     * @param workers where rows are chosen and encoded
     */
    Room(TableId table, TailSettings settings, MemoryBudget budget, Scheduler workers) {
        this.table = table;
        this.settings = settings;
        this.budget = budget;
        this.workers = workers;
    }

    TableId table() {
        return table;
    }

    List<TailReader> readers() {
        return readers;
    }

    void add(TailReader reader) {
        List<TailReader> all = new ArrayList<>(readers);
        all.add(reader);
        reader.onRoom(this::signal);
        readers = List.copyOf(all);
    }

    /** Lets a reader go. @return whether that was the last one */
    boolean remove(TailReader reader) {
        List<TailReader> rest = new ArrayList<>(readers);
        rest.remove(reader);
        readers = List.copyOf(rest);
        signal(); // the others may all be waited for now
        return rest.isEmpty();
    }

    @Override
    public void published(DatabaseId database, ColumnBatch batch) {
        synchronized (this) {
            if (ended) {
                return;
            }
            long limit = settings.roomBuffer().toBytes();
            while (!queue.isEmpty() && queuedBytes + batch.sizeBytes() > limit) {
                drop(queue.remove());
            }
            Reservation memory = reserve(batch.sizeBytes());
            if (memory == null) {
                queue.forEach(this::drop); // what is left out lies together
                queue.clear();
                missed += batch.rows();
            } else {
                queue.add(new Waiting(batch, memory));
                queuedBytes += batch.sizeBytes();
            }
        }
        signal();
    }

    private @Nullable Reservation reserve(long bytes) {
        try {
            return budget.reserve(bytes);
        } catch (WeirException full) {
            return null; // readers are told
        }
    }

    private void drop(Waiting waiting) {
        queuedBytes -= waiting.batch().sizeBytes();
        missed += waiting.batch().rows();
        waiting.memory().close();
    }

    @Override
    public synchronized void missed(TableId which, long rows) {
        missed += rows;
    }

    /** Has the worker look, now or once more. */
    private void signal() {
        if (signals.getAndIncrement() == 0) {
            schedule();
        }
    }

    private void schedule() {
        try {
            workers.schedule(this::work);
        } catch (RejectedExecutionException e) {
            LOG.debug("rows of {} are sent no more", table, e); // the process stops
        }
    }

    private void work() {
        int seen = signals.get();
        for (int frames = 0; frames < TURN; ) {
            if (step()) {
                frames++;
            } else {
                seen = signals.addAndGet(-seen);
                if (seen == 0) {
                    return;
                }
            }
        }
        schedule();
    }

    /** Makes at most one frame. @return whether there may be more to do */
    private boolean step() {
        try {
            return advance();
        } catch (RuntimeException e) {
            LOG.error("rows of {} cannot be sent to those who listen", table, e);
            RoomPass failed = pass;
            if (failed != null) {
                readers.forEach(reader -> reader.missed(failed.batchRows()));
                failed.end();
                pass = null;
            }
            return true;
        }
    }

    private boolean advance() {
        List<TailReader> all = readers;
        if (!all.isEmpty() && all.stream().allMatch(this::isFull)) {
            return false;
        }
        RoomPass current = pass == null ? begin(all) : pass;
        if (current == null) {
            return false;
        }
        pass = current;
        if (all.isEmpty() || !current.advance()) {
            current.end();
            pass = null;
        }
        return true;
    }

    private boolean isFull(TailReader reader) {
        return reader.isFull(settings.frameSize().toBytes());
    }

    private @Nullable RoomPass begin(List<TailReader> all) {
        Waiting next;
        long leftOut;
        synchronized (this) {
            leftOut = missed;
            missed = 0;
            next = queue.poll();
            queuedBytes -= next == null ? 0 : next.batch().sizeBytes();
        }
        all.forEach(reader -> reader.missed(leftOut));
        if (next == null) {
            return null;
        }
        Map<Subscription.Kind, List<TailReader>> kinds = all.stream()
                .collect(Collectors.groupingBy(reader -> reader.subscription().kind()));
        return new RoomPass(
                next.batch(), next.memory(), kinds, budget, settings.frameSize().toBytes());
    }

    /** Lets go of all that waits; the worker lets go of what it has. */
    void end() {
        synchronized (this) {
            ended = true;
            queue.forEach(waiting -> waiting.memory().close());
            queue.clear();
            queuedBytes = 0;
        }
        signal();
    }
}
