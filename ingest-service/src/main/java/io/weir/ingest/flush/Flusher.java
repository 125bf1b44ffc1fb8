package io.weir.ingest.flush;

import io.weir.ingest.buffer.BufferPart;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.retry.Retry;

/**
 * Flushes sealed parts, a few at a time, until each is committed: a part that fails stays in its buffer, once, and is
 * tried again after a growing pause. What waits is bounded by the memory budget of the buffers, not here. Thread-safe.
 */
public final class Flusher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Flusher.class);

    private final Function<BufferPart, Mono<Void>> flush;
    private final Consumer<BufferPart> committed;
    private final int concurrency;
    private final Duration firstBackoff;
    private final Duration maxBackoff;
    private final Queue<BufferPart> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicLong unfinished = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final Sinks.Empty<Void> closing = Sinks.empty();
    private volatile boolean closed;

    /**
     * A flusher.
     *
     * @param flush writes and commits one part; must be repeatable
     * @param committed told of each part once it is committed
     * @param concurrency parts flushed at once
     * @param firstBackoff pause after the first failure of a part; doubles up to {@code maxBackoff}
     */
    public Flusher(
            Function<BufferPart, Mono<Void>> flush,
            Consumer<BufferPart> committed,
            int concurrency,
            Duration firstBackoff,
            Duration maxBackoff) {
        this.flush = flush;
        this.committed = committed;
        this.concurrency = concurrency;
        this.firstBackoff = firstBackoff;
        this.maxBackoff = maxBackoff;
    }

    /** Takes a sealed part and returns at once. */
    public void submit(BufferPart part) {
        unfinished.incrementAndGet();
        waiting.add(part);
        drain();
    }

    /** Parts that are not committed yet. */
    public long unfinished() {
        return unfinished.get();
    }

    /** Attempts that failed. */
    public long failures() {
        return failures.get();
    }

    private void drain() {
        while (!closed && !waiting.isEmpty()) {
            int now = running.get();
            if (now >= concurrency) {
                return;
            }
            if (!running.compareAndSet(now, now + 1)) {
                continue;
            }
            BufferPart part = waiting.poll();
            if (part == null) {
                running.decrementAndGet();
            } else {
                start(part);
            }
        }
    }

    private void start(BufferPart part) {
        flush.apply(part)
                .doOnError(e -> failed(part, e))
                .retryWhen(Retry.backoff(Long.MAX_VALUE, firstBackoff).maxBackoff(maxBackoff))
                .then(Mono.fromRunnable(() -> committed.accept(part)))
                .takeUntilOther(closing.asMono())
                .doFinally(signal -> finished())
                .subscribe(
                        nothing -> {},
                        e -> LOG.error("flush {} of {} ended in a way it cannot", part.flushId(), part.table(), e));
    }

    private void failed(BufferPart part, Throwable failure) {
        failures.incrementAndGet();
        LOG.warn(
                "flush {} of {} ({} rows) failed and will be tried again; its rows stay in memory and in the log",
                part.flushId(),
                part.table(),
                part.rows(),
                failure);
    }

    private void finished() {
        running.decrementAndGet();
        unfinished.decrementAndGet();
        drain();
    }

    /** Stops trying. Parts that are not committed stay in the write-ahead log and are replayed at the next start. */
    @Override
    public void close() {
        closed = true;
        closing.tryEmitEmpty();
    }
}
