package io.weir.ingest.buffer;

import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that seals parts: when they are due, and when something else asks for it. It sleeps until the earliest deadline,
 * so idle buffers cost nothing. When something fails it goes on, after a pause that grows from failure to failure.
 */
public final class DeadlineClock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeadlineClock.class);
    private static final long LONGEST_SLEEP_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;

    private final IngestBuffers buffers;
    private final Runnable relief;
    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile boolean closed;

    /**
     * Starts the thread, {@code weir-flush-clock}.
     *
     * @param relief run on that thread at its start and after each {@link #wake}, and now and then besides: seals more
     *     when memory or the log runs short
     */
    public DeadlineClock(IngestBuffers buffers, Runnable relief) {
        this.buffers = buffers;
        this.relief = relief;
        this.thread = new Thread(this::run, "weir-flush-clock");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        long pauseMillis = 0;
        while (!closed) {
            try {
                boolean relieved = succeeds("relieving memory and log", relief);
                OptionalLong next = sealDue();
                if (relieved && next.isPresent()) {
                    pauseMillis = 0;
                    buffers.awaitChange(next.getAsLong());
                } else { // what fails once mostly fails again at once, and whoever wakes this thread does not know
                    pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, Math.max(FIRST_PAUSE_MILLIS, 2 * pauseMillis));
                    stop.await(pauseMillis, TimeUnit.MILLISECONDS);
                }
            } catch (InterruptedException stopped) {
                return; // only close interrupts this thread
            }
        }
    }

    /** Seals what is due. @return nanoseconds until the next look, empty when it failed */
    private OptionalLong sealDue() {
        long[] next = {LONGEST_SLEEP_NANOS};
        boolean sealed = succeeds(
                "sealing parts that are due",
                () -> next[0] = buffers.sealDue(System.nanoTime()).orElse(LONGEST_SLEEP_NANOS));
        return sealed ? OptionalLong.of(next[0]) : OptionalLong.empty();
    }

    /** Each by itself, whatever becomes of the other: without this thread nothing is sealed by age any more. */
    private static boolean succeeds(String what, Runnable work) {
        try {
            work.run();
            return true;
        } catch (RuntimeException | Error e) {
            LOG.error("{} failed; it is tried again soon", what, e);
            return false;
        }
    }

    /** Has the thread look again. Never blocks. */
    public void wake() {
        buffers.wake();
    }

    @Override
    public void close() {
        closed = true;
        stop.countDown();
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
