package io.weir.ingest.buffer;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.hot.HotVersion;
import io.weir.common.model.TableId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * All ingest buffers of a process: where durable rows become visible. {@link #publish} is called by the log's thread in
 * order of sequence; a part is sealed by its size and age as {@link BufferLimits} says, or when memory or the log runs
 * short, and handed to the consumer of sealed parts, which flushes it and then calls {@link #drop}. Thread-safe.
 */
public final class IngestBuffers implements HotRows {

    private final Map<TableId, IngestBuffer> buffers = new ConcurrentHashMap<>();
    private final AtomicLong heldBytes = new AtomicLong();
    private final AtomicLong openBytes = new AtomicLong();
    private final AtomicLong readBytes = new AtomicLong();
    private final Map<String, Held> organisations = new ConcurrentHashMap<>();
    private final FlushIds flushIds;
    private final BufferLimits limits;
    private final DeadlineQueue<IngestBuffer> deadlines = new DeadlineQueue<>();
    private final Consumer<BufferPart> sealedParts;
    private final Object dropped = new Object();

    /**
     * Buffers that hand sealed parts to {@code sealedParts}, which must not block.
     */
    public IngestBuffers(Clock clock, BufferLimits limits, Consumer<BufferPart> sealedParts) {
        this.flushIds = new FlushIds(clock);
        this.limits = limits;
        this.sealedParts = sealedParts;
    }

    /** Makes a durable batch visible. Called in order of sequence. */
    public void publish(TableId table, BufferedBatch batch) {
        IngestBuffer buffer = buffers.computeIfAbsent(table, IngestBuffer::new);
        BufferPart full = null;
        synchronized (buffer) {
            BufferPart before = buffer.open();
            long bytesBefore = before == null ? 0 : before.sizeBytes();
            BufferPart part = buffer.append(batch, flushIds);
            count(table, part.sizeBytes() - bytesBefore, part.sizeBytes() - bytesBefore);
            if (isFull(part)) {
                full = sealed(buffer);
            } else if (before == null) {
                deadlines.offerIfAbsent(
                        buffer, part.openedNanos() + limits.age().toNanos());
            }
        }
        handOver(full);
    }

    /** What one organisation's parts hold; kept when they hold nothing, as its buffers are. */
    private record Held(AtomicLong open, AtomicLong all) {}

    private void count(TableId table, long open, long all) {
        openBytes.addAndGet(open);
        heldBytes.addAndGet(all);
        Held held = organisations.computeIfAbsent(
                table.organisation(), name -> new Held(new AtomicLong(), new AtomicLong()));
        held.open().addAndGet(open);
        held.all().addAndGet(all);
    }

    private boolean isFull(BufferPart part) {
        return part.sizeBytes() >= limits.maxBytes()
                || (part.sizeBytes() >= limits.minBytes()
                        && System.nanoTime() - part.openedNanos()
                                >= limits.age().toNanos());
    }

    /**
     * Seals every part that is due and says how long to wait for the next one.
     *
     * @return nanoseconds until the next deadline, empty when nothing is buffered
     */
    Optional<Long> sealDue(long nowNanos) {
        for (IngestBuffer due = deadlines.pollDue(nowNanos); due != null; due = deadlines.pollDue(nowNanos)) {
            BufferPart part;
            synchronized (due) {
                part = sealOrWait(due, nowNanos);
            }
            handOver(part);
        }
        return deadlines.nanosToNext(nowNanos);
    }

    /** Seals what is old or big enough; sets what may wait a later deadline. */
    private @Nullable BufferPart sealOrWait(IngestBuffer buffer, long nowNanos) {
        BufferPart part = buffer.open();
        if (part == null) {
            return null;
        }
        long deadline = part.openedNanos()
                + (part.sizeBytes() >= limits.minBytes() ? limits.age().toNanos() : latestNanos(part));
        if (nowNanos - deadline >= 0) {
            return sealed(buffer);
        }
        deadlines.offerIfAbsent(buffer, deadline);
        return null;
    }

    /** At what age a small part is sealed: by chance in the last half of the maximum, by its random id for all time. */
    private long latestNanos(BufferPart part) {
        long age = limits.age().toNanos();
        long spread = limits.maxAge().toNanos() / 2;
        long share = (part.flushId().hashCode() & 0xFFFF) * (spread >> 16);
        return Math.max(age, limits.maxAge().toNanos() - share);
    }

    /** Waits until a part may be due or {@link #wake} is called, at most {@code maxNanos}. */
    void awaitChange(long maxNanos) throws InterruptedException {
        deadlines.awaitEarlier(maxNanos);
    }

    /** Ends the wait of {@link #awaitChange}, or the next one if nobody waits. */
    void wake() {
        deadlines.wake();
    }

    /** Seals every open part. */
    public void sealAll() {
        buffers.values().forEach(this::seal);
    }

    /** Seals open parts, the largest first, until they hold that many bytes: what to do when memory runs short. */
    public void sealLargest(long bytes) {
        sealLargest(bytes, table -> true);
    }

    /** Like {@link #sealLargest(long)}, of one organisation's parts. */
    public void sealLargest(String organisation, long bytes) {
        sealLargest(bytes, table -> table.organisation().equals(organisation));
    }

    private void sealLargest(long bytes, Predicate<TableId> which) {
        List<Sized> open = new ArrayList<>();
        for (IngestBuffer buffer : buffers.values()) {
            long size = which.test(buffer.table()) ? buffer.openBytes() : 0;
            if (size > 0) {
                open.add(new Sized(buffer, size));
            }
        }
        open.sort(Comparator.comparingLong(Sized::bytes).reversed());
        long left = bytes;
        for (int i = 0; i < open.size() && left > 0; i++) {
            left -= open.get(i).bytes();
            seal(open.get(i).buffer());
        }
    }

    /** A buffer and what its open part held when it was asked: it may grow while others are sorted. */
    private record Sized(IngestBuffer buffer, long bytes) {}

    /** Seals every open part that holds a batch of a lower sequence: what to do when the log is too long. */
    public void sealBefore(long sequence) {
        for (IngestBuffer buffer : buffers.values()) {
            BufferPart part = buffer.open();
            if (part != null && part.firstSequence() < sequence) {
                seal(buffer);
            }
        }
    }

    private void seal(IngestBuffer buffer) {
        BufferPart part;
        synchronized (buffer) {
            part = sealed(buffer);
        }
        handOver(part);
    }

    /** Seals under the buffer's lock; null when nothing is open. */
    private @Nullable BufferPart sealed(IngestBuffer buffer) {
        BufferPart part = buffer.seal();
        if (part != null) {
            deadlines.remove(buffer);
            count(part.table(), -part.sizeBytes(), 0);
        }
        return part;
    }

    /** Outside any lock: the consumer starts work. */
    private void handOver(@Nullable BufferPart part) {
        if (part != null) {
            sealedParts.accept(part);
        }
    }

    /** Seals every open part; completes when these, and those sealed before, are committed. */
    public Mono<Void> flushed() {
        return flushed(table -> true);
    }

    /** Seals open parts of those measurements; completes when these, and those sealed before, are committed. */
    public Mono<Void> flushed(Predicate<TableId> which) {
        List<IngestBuffer> some = buffers.values().stream()
                .filter(buffer -> which.test(buffer.table()))
                .toList();
        some.forEach(this::seal);
        return Mono.when(some.stream()
                .flatMap(buffer -> buffer.sealedParts().stream())
                .map(BufferPart::committed)
                .toList());
    }

    /** Measurements that have, or had, rows here. */
    public Set<TableId> tables() {
        return Collections.unmodifiableSet(buffers.keySet());
    }

    /** What is sealed and not committed yet. */
    public Unflushed unflushed() {
        long rows = 0;
        long measurements = 0;
        for (IngestBuffer buffer : buffers.values()) {
            List<BufferPart> parts = buffer.sealedParts();
            rows += parts.stream().mapToLong(BufferPart::rows).sum();
            measurements += parts.isEmpty() ? 0 : 1;
        }
        return new Unflushed(rows, measurements);
    }

    /** Forgets a committed part: the log may forget its rows, and its memory is freed once no query reads it. */
    public void drop(BufferPart part) {
        IngestBuffer buffer = buffers.get(part.table());
        if (buffer == null) {
            throw new IllegalStateException("no buffer of " + part.table());
        }
        buffer.drop(part);
        count(part.table(), 0, -part.sizeBytes());
        readBytes.addAndGet(part.sizeBytes());
        part.dropped(() -> readBytes.addAndGet(-part.sizeBytes()));
        part.finish();
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

    @Override
    public Mono<String> version(TableId table) {
        return Mono.fromSupplier(() -> {
            IngestBuffer buffer = buffers.get(table);
            return buffer == null ? HotVersion.of(List.of()) : buffer.version();
        });
    }

    /** Heap held by open parts: what sealing could hand to the flusher. */
    public long openBytes() {
        return openBytes.get();
    }

    /** Organisations that had rows here. */
    public Set<String> organisations() {
        return Collections.unmodifiableSet(organisations.keySet());
    }

    /** Heap held by open parts of that organisation. */
    public long openBytes(String organisation) {
        Held held = organisations.get(organisation);
        return held == null ? 0 : held.open().get();
    }

    /** Heap held by open and sealed parts of that organisation. */
    public long heldBytes(String organisation) {
        Held held = organisations.get(organisation);
        return held == null ? 0 : held.all().get();
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
