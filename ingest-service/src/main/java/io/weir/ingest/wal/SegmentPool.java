package io.weir.ingest.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the segment files that are not being written: zeroed ones prepared ahead, and released ones, which become
 * spares or are removed. All of that happens on a background executor that runs one task at a time, so that neither the
 * log nor whoever releases a batch waits for it. Thread-safe.
 *
 * <pre>
 *   n.tmp   being zeroed; removed at the next start
 *   n.spare full size, on the device; contents mean nothing
 *   n.wal   segment number n
 * </pre>
 */
final class SegmentPool {

    static final String SEGMENT_SUFFIX = ".wal";
    static final String SPARE_SUFFIX = ".spare";
    static final String UNFINISHED_SUFFIX = ".tmp";

    private static final Logger log = LoggerFactory.getLogger(SegmentPool.class);
    private static final int ZERO_BYTES = 1 << 18;

    private final WalFileSystem files;
    private final WalSettings settings;
    private final Executor background;
    private final LongSupplier nanoTime;
    private final ConcurrentSkipListMap<Long, SegmentLease> segments = new ConcurrentSkipListMap<>();
    private final AtomicLong liveBytes = new AtomicLong();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition prepared = lock.newCondition();
    private final Deque<String> spares = new ArrayDeque<>();
    private boolean preparing;
    private boolean trimmed;

    /** The thread that closes the log, once it does. */
    private volatile @Nullable Thread closer;

    private @Nullable Exception failure;
    private long failedAtNanos;
    private long lastSpare;

    SegmentPool(WalFileSystem files, WalSettings settings, Executor background, LongSupplier nanoTime) {
        this.files = files;
        this.settings = settings;
        this.background = background;
        this.nanoTime = nanoTime;
    }

    static String fileName(long number, String suffix) {
        return String.format("%020d%s", number, suffix);
    }

    /** Number of the file of that name, or -1 when it is no numbered file with that suffix. */
    static long fileNumber(String name, String suffix) {
        if (name.length() != 20 + suffix.length() || !name.endsWith(suffix)) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < 20; i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9 || number > (Long.MAX_VALUE - digit) / 10) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /** Registers a segment that is written or recovered. */
    SegmentLease lease(long number, String name, long bytes, long firstSequence) {
        SegmentLease lease = new SegmentLease(number, name, bytes, firstSequence, this::free);
        segments.put(number, lease);
        liveBytes.addAndGet(bytes);
        return lease;
    }

    /** Takes over a spare left by an earlier run, or removes it when it cannot be used. */
    void adopt(String name) throws IOException {
        long bytes;
        try (WalFile file = files.open(name)) {
            bytes = file.size();
        }
        lock.lock();
        try {
            lastSpare = Math.max(lastSpare, fileNumber(name, SPARE_SUFFIX));
            if (bytes == settings.segmentSize().toBytes() && spares.size() < Math.max(1, settings.spareSegments())) {
                spares.add(name);
                return;
            }
        } finally {
            lock.unlock();
        }
        files.delete(name);
    }

    /**
     * The name of a spare, which is the caller's. Waits while one is being prepared.
     *
     * @throws IOException when there is none and none can be made, at once for a while after a failed attempt
     */
    String take() throws IOException {
        lock.lock();
        try {
            if (spares.isEmpty() && !preparing) {
                if (failure != null
                        && nanoTime.getAsLong() - failedAtNanos
                                < settings.retryInterval().toNanos()) {
                    throw new IOException("no segment could be prepared a moment ago", failure);
                }
                prepareAhead();
            }
            while (spares.isEmpty() && preparing) {
                prepared.awaitUninterruptibly();
            }
            String spare = spares.poll();
            if (spare == null) {
                throw new IOException("no segment can be prepared", failure);
            }
            if (spares.isEmpty()) {
                prepareAhead();
            }
            return spare;
        } finally {
            lock.unlock();
        }
    }

    /** Gives back a spare that was taken and not used. */
    void giveBack(String spare) {
        lock.lock();
        try {
            spares.addFirst(spare);
        } finally {
            lock.unlock();
        }
    }

    /** Starts to prepare a spare when there is none; called at start-up and after each one taken. */
    void prepareAhead() {
        lock.lock();
        try {
            if (preparing || !spares.isEmpty()) {
                return;
            }
            preparing = true;
            background.execute(this::prepare);
        } catch (RejectedExecutionException e) {
            preparing = false;
            log.debug("no segment is prepared: the log is closed", e);
        } finally {
            lock.unlock();
        }
    }

    private void prepare() {
        String spare = null;
        Exception fault = null;
        try {
            spare = makeSpare();
        } catch (IOException | RuntimeException e) {
            fault = e;
            log.warn("a write-ahead log segment cannot be prepared: {}", e.toString());
        }
        lock.lock();
        try {
            preparing = false;
            failure = fault;
            failedAtNanos = nanoTime.getAsLong();
            if (spare != null) {
                spares.add(spare);
            }
            prepared.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private String makeSpare() throws IOException {
        long number = nextSpare();
        String unfinished = fileName(number, UNFINISHED_SUFFIX);
        String spare = fileName(number, SPARE_SUFFIX);
        try {
            try (WalFile file = files.create(unfinished)) {
                long bytes = settings.segmentSize().toBytes();
                ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(ZERO_BYTES, bytes));
                for (long at = 0; at < bytes; ) {
                    zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - at));
                    at = FrameOutput.writeFully(file, zeros, at);
                }
                file.sync(true);
            }
            files.rename(unfinished, spare);
            return spare;
        } catch (IOException e) {
            try {
                files.delete(unfinished); // gives the space back
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private long nextSpare() {
        lock.lock();
        try {
            return ++lastSpare;
        } finally {
            lock.unlock();
        }
    }

    private void free(SegmentLease lease) {
        if (Thread.currentThread() == closer) {
            reclaim(lease); // the executor takes no more
            return;
        }
        try {
            background.execute(() -> reclaim(lease));
        } catch (RejectedExecutionException e) {
            log.debug("segment {} is left to the next start: the log is closed", lease.number(), e);
        }
    }

    private void reclaim(SegmentLease lease) {
        try {
            if (lease.reusable() && lease.bytes() == settings.segmentSize().toBytes() && spareWanted()) {
                String spare = fileName(nextSpare(), SPARE_SUFFIX);
                files.rename(lease.name(), spare);
                files.syncDirectory(); // before anyone is told that the segment is gone
                giveBack(spare);
            } else {
                files.delete(lease.name());
                files.syncDirectory();
            }
            if (segments.remove(lease.number()) != null) {
                liveBytes.addAndGet(-lease.bytes());
            }
        } catch (IOException e) {
            log.warn("segment {} is released but cannot be reclaimed before the next start", lease.number(), e);
        }
    }

    /** Removes every spare, as long as nobody wants them again. Slow; for the background executor. */
    private void removeSpares() throws IOException {
        while (true) {
            String spare;
            lock.lock();
            try {
                spare = trimmed ? spares.poll() : null;
            } finally {
                lock.unlock();
            }
            if (spare == null) {
                break;
            }
            files.delete(spare);
        }
        files.syncDirectory();
    }

    /** Keeps no spares from now on, until {@link #untrim}, and removes those there are in the background: the log is idle. */
    void trimLater() {
        setTrimmed(true);
        inBackground(() -> {
            try {
                removeSpares();
            } catch (IOException e) {
                log.warn("spare segments of the idle write-ahead log could not be removed", e);
            }
        });
    }

    /**
     * Removes every spare and, when nothing in it is needed, the last segment, in the background: the log is closed. In
     * that order and with a sync between: numbers begin anew in an empty directory, so no spare with frames of an earlier
     * segment of the same number may be left.
     */
    void closeLater(@Nullable SegmentLease last) {
        setTrimmed(true);
        inBackground(() -> {
            try {
                removeSpares();
                closer = Thread.currentThread();
                if (last != null) {
                    last.release();
                }
            } catch (IOException e) {
                log.warn("spare segments could not be removed at the end; the next start takes them over", e);
            }
        });
    }

    /** Keeps spares again, and prepares one, after {@link #trimLater}; ends its removals if they are still under way. */
    void untrim() {
        setTrimmed(false);
        prepareAhead();
    }

    /** On the thread that decides, so that a later decision is never overtaken by the work of an earlier one. */
    private void setTrimmed(boolean none) {
        lock.lock();
        try {
            trimmed = none;
        } finally {
            lock.unlock();
        }
    }

    private void inBackground(Runnable work) {
        try {
            background.execute(work);
        } catch (RejectedExecutionException e) {
            log.debug("spare segments are left to the next start: the log is closed", e);
        }
    }

    private boolean spareWanted() {
        lock.lock();
        try {
            return !trimmed && spares.size() < settings.spareSegments();
        } finally {
            lock.unlock();
        }
    }

    /** Segments on disk, spares not counted. */
    int segments() {
        return segments.size();
    }

    /** Least sequence number that a segment on disk may hold, or {@code otherwise} when there is none. */
    long oldestSequence(long otherwise) {
        long oldest = Long.MAX_VALUE;
        for (SegmentLease lease : segments.values()) {
            oldest = Math.min(oldest, lease.firstSequence());
        }
        return oldest == Long.MAX_VALUE ? otherwise : oldest;
    }

    /** Bytes of segments, spares not counted. */
    long liveBytes() {
        return liveBytes.get();
    }

    /**
     * Least sequence number of the newest segments with at most that many bytes, the one being written always among them;
     * or 0.
     */
    long sequenceOfNewest(long bytes) {
        long sequence = 0;
        long left = bytes;
        for (SegmentLease lease : segments.descendingMap().values()) {
            left -= lease.bytes();
            if (left < 0 && sequence > 0) {
                break;
            }
            if (left < 0 && lease.isEnded()) {
                return lease.endSequence();
            }
            sequence = lease.firstSequence();
        }
        return sequence;
    }

    /** Bytes of segments and spares. */
    long bytesOnDisk() {
        lock.lock();
        try {
            return liveBytes.get() + spares.size() * settings.segmentSize().toBytes();
        } finally {
            lock.unlock();
        }
    }
}
