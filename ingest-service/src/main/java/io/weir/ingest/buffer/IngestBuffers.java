package io.weir.ingest.buffer;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.model.TableId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/**
 * All ingest buffers of a process: where durable rows become visible. {@link #publish} is called by the log's thread in
 * order of sequence; a part is sealed when it is old enough, big enough, or when memory runs short, and handed to the
 * consumer of sealed parts, which flushes it and then calls {@link #drop}. Thread-safe.
 */
public final class IngestBuffers implements HotRows {

    private final Map<TableId, IngestBuffer> buffers = new ConcurrentHashMap<>();
    private final AtomicLong heldBytes = new AtomicLong();
    private final AtomicLong openBytes = new AtomicLong();
    private final AtomicLong readBytes = new AtomicLong();
    private final FlushIds flushIds;
    private final long maxPartBytes;
    private final long maxAgeNanos;
    private final DeadlineQueue<IngestBuffer> deadlines = new DeadlineQueue<>();
    private final Consumer<BufferPart> sealedParts;
    private final Object dropped = new Object();

    /**
     * Buffers that hand sealed parts to {@code sealedParts}, which must not block.
     *
     * @param maxAge age of its oldest batch at which a part is sealed
     * @param maxPartBytes heap at which a part is sealed
     */
    public IngestBuffers(Clock clock, Duration maxAge, long maxPartBytes, Consumer<BufferPart> sealedParts) {
        this.flushIds = new FlushIds(clock);
        this.maxAgeNanos = maxAge.toNanos();
        this.maxPartBytes = maxPartBytes;
        this.sealedParts = sealedParts;
    }

    /** Makes a durable batch visible. Called in order of sequence; never fails. */
    public void publish(TableId table, BufferedBatch batch) {
        IngestBuffer buffer = buffers.computeIfAbsent(table, IngestBuffer::new);
        heldBytes.addAndGet(batch.batch().sizeBytes());
        openBytes.addAndGet(batch.batch().sizeBytes());
        BufferPart part = buffer.append(batch, flushIds);
        if (part.sizeBytes() >= maxPartBytes) {
            seal(buffer);
        } else {
            deadlines.offerIfAbsent(buffer, System.nanoTime() + maxAgeNanos);
        }
    }

    /**
     * Seals every part that is due and says how long to wait for the next one.
     *
     * @return nanoseconds until the next deadline, empty when nothing is buffered
     */
    Optional<Long> sealDue(long nowNanos) {
        for (IngestBuffer due = deadlines.pollDue(nowNanos); due != null; due = deadlines.pollDue(nowNanos)) {
            seal(due);
        }
        return deadlines.nanosToNext(nowNanos);
    }

    /** Waits until a part may be due, at most {@code maxNanos}. */
    void awaitChange(long maxNanos) throws InterruptedException {
        deadlines.awaitEarlier(maxNanos);
    }

    /** Seals every open part. */
    public void sealAll() {
        buffers.values().forEach(this::seal);
    }

    /** Seals the open part that holds most memory, if any: what to do when memory runs short. */
    public void sealLargest() {
        buffers.values().stream()
                .filter(buffer -> buffer.openBytes() > 0)
                .max(Comparator.comparingLong(IngestBuffer::openBytes))
                .ifPresent(this::seal);
    }

    private void seal(IngestBuffer buffer) {
        deadlines.remove(buffer);
        BufferPart part = buffer.seal();
        if (part != null) {
            openBytes.addAndGet(-part.sizeBytes());
            sealedParts.accept(part);
        }
    }

    /** Seals every open part; completes when these, and those sealed before, are committed. */
    public Mono<Void> flushed() {
        sealAll();
        return Mono.when(buffers.values().stream()
                .flatMap(buffer -> buffer.sealedParts().stream())
                .map(BufferPart::committed)
                .toList());
    }

    /** Forgets a committed part: the log may forget its rows, and its memory is freed once no query reads it. */
    public void drop(BufferPart part) {
        IngestBuffer buffer = buffers.get(part.table());
        if (buffer == null) {
            throw new IllegalStateException("no buffer of " + part.table());
        }
        buffer.drop(part);
        heldBytes.addAndGet(-part.sizeBytes());
        part.batches().forEach(batch -> batch.committed().run());
        readBytes.addAndGet(part.sizeBytes());
        part.dropped(() -> readBytes.addAndGet(-part.sizeBytes()));
        part.markCommitted();
        synchronized (dropped) {
            dropped.notifyAll();
        }
    }

    /**
     * Waits until open and sealed parts hold less than that, sealing what is open. For the thread that replays, which is
     * the only one that may wait.
     *
     * @return false when they still hold more after {@code patience}
     */
    public boolean awaitBelow(long bytes, Duration patience) {
        if (heldBytes.get() < bytes) {
            return true;
        }
        sealAll();
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (dropped) {
            while (heldBytes.get() >= bytes) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                try {
                    dropped.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new WeirException(CommonError.SHUTTING_DOWN, "interrupted while replaying the log", e);
                }
            }
        }
        return true;
    }

    @Override
    public Mono<List<HotPart>> snapshot(TableId table, HotHold hold) {
        return Mono.fromSupplier(() -> {
            IngestBuffer buffer = buffers.get(table);
            return buffer == null ? new ArrayList<>() : buffer.snapshot(hold);
        });
    }

    /** Heap held by open parts: what sealing could hand to the flusher. */
    public long openBytes() {
        return openBytes.get();
    }

    /** Heap held by parts on their way to files. */
    public long sealedBytes() {
        return Math.max(0, heldBytes.get() - openBytes.get());
    }

    /** Heap held by parts that are in files but still being read. */
    public long readBytes() {
        return readBytes.get();
    }

    /** Heap held by open and sealed parts. */
    public long heldBytes() {
        return heldBytes.get();
    }
}
