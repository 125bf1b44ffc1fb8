package io.weir.ingest.wal;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.observe.StageTimer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * The write-ahead log: keeps the batches of every request until they are committed elsewhere. One owned thread,
 * {@code weir-wal}, appends for all requests and syncs once for all that wait.
 *
 * <pre>
 *   append() ──▶ queue (bounded in bytes) ──▶ weir-wal: write all that wait → sync once → publish in order
 *                                                │                                  │
 *                          weir-wal-prepare: zero and recycle segments      completion scheduler: signal
 *
 *   directory   wal.meta                    identity, bound of sequence numbers
 *               00000000000000000007.wal    segments, ascending; frames as drawn in FrameFormat
 *               00000000000000000003.spare  zeroed or released segments
 *               quarantine/                 what could not be replayed
 * </pre>
 *
 * <p>No request ever touches a file, so cancelling one, or interrupting its thread, cannot disturb the others. Thread-safe.
 */
public final class WriteAheadLog implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(WriteAheadLog.class);

    /** Heap bytes of appends that share a sync at most; what is beyond waits for the next one. */
    private static final long GROUP_BYTES = 32L << 20;

    private final WalSettings settings;
    private final Scheduler completions;
    private final SegmentPool pool;
    private final ExecutorService background;
    private final WalWriter writer;
    private final WalCounters counters;
    private final RecoveryReport recovery;
    private final Queue<PendingAppend> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong queueBytes = new AtomicLong();
    private final Thread thread;
    private long lastWorkNanos = System.nanoTime();
    private boolean trimmed;
    private volatile boolean idle;
    private volatile boolean closing;
    private volatile boolean stopped;

    private WriteAheadLog(
            WalSettings settings,
            Scheduler completions,
            SegmentPool pool,
            ExecutorService background,
            WalWriter writer,
            WalCounters counters,
            RecoveryReport recovery) {
        this.settings = settings;
        this.completions = completions;
        this.pool = pool;
        this.background = background;
        this.writer = writer;
        this.counters = counters;
        this.recovery = recovery;
        this.thread = daemon("weir-wal", this::run);
    }

    /**
     * Opens the log in {@code directory}, which is made when it is not there and must belong to this process alone.
     * Blocks while everything in it is replayed; afterwards the log takes appends. A full or failing disk does not stop
     * it: then appends fail until the disk recovers.
     *
     * @param replay takes what earlier runs left, on the calling thread, before this method returns
     * @param listener publishes appends from then on
     * @param completions where appends complete; never the thread of the log
     * @throws WeirException {@code storage-unavailable} when the directory cannot be read at all; or what {@code replay}
     *     throws
     */
    public static WriteAheadLog open(
            Path directory,
            WalSettings settings,
            WalReplayHandler replay,
            WalListener listener,
            Scheduler completions) {
        return open(new LocalWalFileSystem(directory), settings, replay, listener, completions, UUID::randomUUID);
    }

    /** Like {@link #open(Path, WalSettings, WalReplayHandler, WalListener, Scheduler)}, on any file system. */
    public static WriteAheadLog open(
            WalFileSystem files,
            WalSettings settings,
            WalReplayHandler replay,
            WalListener listener,
            Scheduler completions) {
        return open(files, settings, replay, listener, completions, UUID::randomUUID);
    }

    static WriteAheadLog open(
            WalFileSystem files,
            WalSettings settings,
            WalReplayHandler replay,
            WalListener listener,
            Scheduler completions,
            Supplier<UUID> newIds) {
        ExecutorService background = Executors.newSingleThreadExecutor(task -> daemon("weir-wal-prepare", task));
        boolean opened = false;
        try {
            SegmentPool pool = new SegmentPool(files, settings, background, System::nanoTime);
            WalRecovery.Outcome outcome = new WalRecovery(
                            files, pool, replay, settings.quarantineSize().toBytes())
                    .run(newIds);
            pool.prepareAhead();
            WalCounters counters = new WalCounters();
            WalWriter writer = new WalWriter(
                    settings,
                    new SegmentOpener(files, settings, pool, outcome.meta(), outcome.nextSegment()),
                    outcome.meta(),
                    outcome.report().nextSequence(),
                    listener,
                    System::nanoTime,
                    counters);
            WriteAheadLog wal =
                    new WriteAheadLog(settings, completions, pool, background, writer, counters, outcome.report());
            wal.thread.start();
            opened = true;
            return wal;
        } catch (IOException e) {
            throw new WeirException(
                    CommonError.STORAGE_UNAVAILABLE, "the directory of the write-ahead log cannot be read", e);
        } finally {
            if (!opened) {
                background.shutdown();
            }
        }
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Logs an append when it is subscribed to; every subscription logs it once. Completes, on the completion scheduler,
     * after the sync that was asked for and after {@link WalListener#durable} returned. Cancelling only stops waiting:
     * the append is logged and published all the same. Never blocks.
     *
     * <p>Fails with {@code overloaded} at once when the queue or the log is full, {@code shutting-down} after {@link #close},
     * {@code storage-unavailable} when the disk fails (nothing was published; see {@code docs/formats/wal.md} for what a
     * restart may bring back), {@code body-too-large} for 2 GB encoded or more, {@code internal} for a batch that
     * contradicts itself.
     */
    public Mono<Void> append(WalAppend append) {
        return Mono.defer(() -> {
            Sinks.Empty<Void> sink = Sinks.empty();
            long bytes = append.sizeBytes();
            PendingAppend pending = new PendingAppend(append, bytes, failure -> finish(bytes, sink, failure));
            if (closing) {
                return Mono.error(shuttingDown());
            }
            if (pool.liveBytes() >= settings.maxSize().toBytes()) {
                return Mono.error(full());
            }
            long before = queueBytes.getAndAdd(bytes);
            if (before > 0 && before + bytes > settings.maxQueue().toBytes()) {
                queueBytes.addAndGet(-bytes);
                return Mono.error(new WeirException(
                        CommonError.OVERLOADED,
                        "too much is waiting for the write-ahead log already; try again later"));
            }
            queue.add(pending);
            if (stopped && queue.remove(pending)) {
                pending.fail(shuttingDown()); // the log's thread will not look again
            }
            if (idle) {
                LockSupport.unpark(thread);
            }
            return sink.asMono();
        });
    }

    private WeirException full() {
        return new WeirException(
                CommonError.OVERLOADED,
                "the write-ahead log holds " + pool.liveBytes()
                        + " bytes that are not in files yet (expected: less than "
                        + settings.maxSize().toBytes()
                        + ", weir.wal.max-size); flushing cannot keep up, try again later");
    }

    private void finish(long bytes, Sinks.Empty<Void> sink, @Nullable WeirException failure) {
        queueBytes.addAndGet(-bytes);
        Runnable emit = () -> {
            Sinks.EmitResult result = failure == null ? sink.tryEmitEmpty() : sink.tryEmitError(failure);
            if (result.isFailure()) {
                log.warn("the end of an append could not be signalled: {}", result);
            }
        };
        try {
            completions.schedule(emit);
        } catch (RejectedExecutionException e) {
            log.warn("the completion scheduler is gone; an append completes on the thread of the log", e);
            emit.run();
        }
    }

    private void run() {
        List<PendingAppend> group = new ArrayList<>();
        while (true) {
            Thread.interrupted(); // an interrupted thread would close the segment it writes
            boolean last = closing;
            takeGroup(group);
            if (!group.isEmpty()) {
                woken();
                writer.commit(group);
                group.clear();
            } else if (last) {
                break;
            } else {
                waitForWork();
            }
            writer.syncIfDue();
        }
        pool.closeLater(writer.close());
        stopped = true;
        for (PendingAppend late = queue.poll(); late != null; late = queue.poll()) {
            late.fail(shuttingDown());
        }
    }

    private void takeGroup(List<PendingAppend> group) {
        long bytes = 0;
        while (bytes < GROUP_BYTES) {
            PendingAppend pending = queue.poll();
            if (pending == null) {
                return;
            }
            group.add(pending);
            bytes += pending.sizeBytes();
        }
    }

    private void waitForWork() {
        idle = true;
        long nanos = Math.min(writer.nanosUntilSync(), nanosUntilTrim());
        if (queue.isEmpty() && !closing && nanos > 0) {
            if (nanos == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, nanos);
            }
        }
        idle = false;
        if (queue.isEmpty() && !closing && nanosUntilTrim() <= 0) {
            trimmed = true;
            pool.trimLater();
        }
    }

    private long nanosUntilTrim() {
        return trimmed ? Long.MAX_VALUE : lastWorkNanos + settings.trimAfter().toNanos() - System.nanoTime();
    }

    private void woken() {
        lastWorkNanos = System.nanoTime();
        if (trimmed) {
            trimmed = false;
            pool.untrim();
        }
    }

    private static WeirException shuttingDown() {
        return new WeirException(CommonError.SHUTTING_DOWN, "the server is stopping and takes no more writes");
    }

    /**
     * Stops taking appends, finishes those that wait, syncs and closes. Returns when all of that is done; further calls
     * do nothing. Must not be called by the listener.
     */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // stopping half-way would lose what waits
            }
        }
        background.shutdown();
        try {
            if (!interrupted && !background.awaitTermination(1, TimeUnit.MINUTES)) {
                log.warn("segments are still being prepared after a minute; closing without waiting for them");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What was found when the log was opened. */
    public RecoveryReport recovery() {
        return recovery;
    }

    /** Identity of the log; sequence numbers are unique within it. */
    public UUID walId() {
        return recovery.walId();
    }

    /**
     * No batch with a lower sequence number is in the log any more or will be replayed by a later start, so what is
     * known about those can be forgotten. A lower bound, not exact.
     */
    public long oldestSequence() {
        return pool.oldestSequence(recovery.nextSequence());
    }

    /** Heap bytes of appends that wait or are being written. */
    public long queueBytes() {
        return queueBytes.get();
    }

    /** Appends that wait; counted anew by each call. */
    public int queuedAppends() {
        return queue.size();
    }

    /** Segments not yet released, the one being written included. */
    public int segments() {
        return pool.segments();
    }

    /** Bytes of segments not yet released; what {@code weir.wal.max-size} bounds. */
    public long liveBytes() {
        return pool.liveBytes();
    }

    /**
     * Least sequence number that may lie in the newest segments, as many as have at most that many bytes together, and the
     * one being written in any case: once every batch below it is released, no older segment is left. 0 when there is no
     * segment.
     */
    public long sequenceOfNewest(long bytes) {
        return pool.sequenceOfNewest(bytes);
    }

    /** Bytes of segments and of those kept for reuse. */
    public long bytesOnDisk() {
        return pool.bytesOnDisk();
    }

    /** Appends published since the log was opened. */
    public long appends() {
        return counters.appends();
    }

    /** Batches published since the log was opened. */
    public long batches() {
        return counters.batches();
    }

    /** Syncs since the log was opened. */
    public long syncs() {
        return counters.syncs();
    }

    /** Failures of the disk since the log was opened. */
    public long failures() {
        return counters.failures();
    }

    /** Whether the disk has failed and nothing could be appended since. */
    public boolean isFailing() {
        return counters.isFailing();
    }

    /** How long syncs take. */
    public StageTimer syncTimes() {
        return counters.syncTimes();
    }

    /** How long appends take, from their coming until they are visible. */
    public StageTimer appendTimes() {
        return counters.appendTimes();
    }

    /** How long the last sync took. */
    public Duration lastSync() {
        return Duration.ofNanos(counters.lastSyncNanos());
    }
}
