package io.weir.ingest.flush;

import io.weir.ingest.buffer.BufferPart;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Flushes sealed parts, a few at a time, until each is committed: a part that fails stays in its buffer, once, and is
 * tried again after a growing pause, in which others have its place. When nothing succeeds any more one part at a time is
 * tried, after pauses of their own, so that an outage costs neither CPU nor a flood afterwards. What waits is bounded by
 * the memory budget of the buffers, not here, and is never discarded. Thread-safe.
 */
public final class Flusher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Flusher.class);

    private final Function<BufferPart, Mono<Void>> flush;
    private final Consumer<BufferPart> committed;
    private final FlushLimits limits;
    private final AtomicLong unfinished = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicInteger drains = new AtomicInteger();
    private final Sinks.Empty<Void> closing = Sinks.empty();

    private final Queue<Work> waiting = new ArrayDeque<>();
    private int running;
    private long runningBytes;
    private int failuresInARow;
    private boolean pausing;
    private boolean closed;

    /** A part on its way; owned by whoever took it from the queue. */
    private static final class Work {
        private final BufferPart part;
        private int failures;
        private @Nullable Throwable failure;

        Work(BufferPart part) {
            this.part = part;
        }
    }

    /**
     * A flusher.
     *
     * @param flush writes and commits one part; must be repeatable
     * @param committed hears once of each part that is committed
     */
    public Flusher(Function<BufferPart, Mono<Void>> flush, Consumer<BufferPart> committed, FlushLimits limits) {
        this.flush = flush;
        this.committed = committed;
        this.limits = limits;
    }

    /** Takes a sealed part and returns at once. */
    public void submit(BufferPart part) {
        unfinished.incrementAndGet();
        enqueue(new Work(part));
    }

    /** Parts that are not committed yet. */
    public long unfinished() {
        return unfinished.get();
    }

    /** Attempts that failed. */
    public long failures() {
        return failures.get();
    }

    private void enqueue(Work work) {
        synchronized (waiting) {
            waiting.add(work);
        }
        drain();
    }

    private void drain() {
        if (drains.getAndIncrement() != 0) {
            return; // whoever drains looks again: a flush that ends at once must not nest the next one
        }
        int seen = 1;
        do {
            for (Work next = startable(); next != null; next = startable()) {
                start(next);
            }
            seen = drains.addAndGet(-seen);
        } while (seen != 0);
    }

    private @Nullable Work startable() {
        synchronized (waiting) {
            Work next = waiting.peek();
            int most = isTroubled() ? 1 : limits.parts();
            if (next == null || closed || pausing || running >= most) {
                return null;
            }
            if (running > 0 && runningBytes + next.part.sizeBytes() > limits.bytes()) {
                return null;
            }
            running++;
            runningBytes += next.part.sizeBytes();
            return waiting.poll();
        }
    }

    private boolean isTroubled() {
        return failuresInARow >= limits.parts();
    }

    private void start(Work work) {
        work.failure = null;
        Mono.defer(() -> flush.apply(work.part))
                .timeout(limits.timeout())
                .then(Mono.fromRunnable(() -> committed(work.part)))
                .takeUntilOther(closing.asMono())
                .doOnError(e -> work.failure = e)
                .onErrorComplete()
                .doFinally(signal -> ended(work))
                .subscribe();
    }

    private void committed(BufferPart part) {
        try {
            committed.accept(part);
        } catch (RuntimeException e) {
            LOG.error("flush {} of {} is committed but could not be ended", part.flushId(), part.table(), e);
        }
    }

    private void ended(Work work) {
        Throwable failure = work.failure;
        boolean pause;
        synchronized (waiting) {
            running--;
            runningBytes -= work.part.sizeBytes();
            failuresInARow = failure == null ? 0 : failuresInARow + 1;
            pause = isTroubled() && !closed;
            pausing |= pause;
        }
        if (failure == null) {
            unfinished.decrementAndGet();
        } else {
            retryLater(work, failure);
        }
        if (pause) {
            after(failuresInARow - limits.parts() + 1, this::resume);
        }
        drain();
    }

    private void retryLater(Work work, Throwable failure) {
        failures.incrementAndGet();
        work.failures++;
        LOG.warn(
                "flush {} of {} ({} rows) failed and will be tried again; its rows stay in memory and in the log",
                work.part.flushId(),
                work.part.table(),
                work.part.rows(),
                failure);
        after(work.failures, () -> enqueue(work));
    }

    private void resume() {
        synchronized (waiting) {
            pausing = false;
        }
        drain();
    }

    private void after(int failuresSoFar, Runnable action) {
        Mono.delay(limits.backoff(failuresSoFar))
                .takeUntilOther(closing.asMono())
                .subscribe(tick -> action.run(), e -> LOG.error("a flush could not be tried again", e));
    }

    /** Stops trying. Parts that are not committed stay in the write-ahead log and are replayed at the next start. */
    @Override
    public void close() {
        synchronized (waiting) {
            closed = true;
        }
        closing.tryEmitEmpty();
    }
}
