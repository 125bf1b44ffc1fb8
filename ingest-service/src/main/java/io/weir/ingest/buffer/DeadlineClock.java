package io.weir.ingest.buffer;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that seals parts: when they are due, and when something else asks for it. It sleeps until the earliest deadline,
 * so idle buffers cost nothing.
 */
public final class DeadlineClock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeadlineClock.class);
    private static final long LONGEST_SLEEP_NANOS = TimeUnit.HOURS.toNanos(1);

    private final IngestBuffers buffers;
    private final Runnable relief;
    private final Thread thread;
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
        while (!closed) {
            try {
                relief.run();
                long next = buffers.sealDue(System.nanoTime()).orElse(LONGEST_SLEEP_NANOS);
                buffers.awaitChange(next);
            } catch (InterruptedException stop) {
                return; // only close interrupts this thread
            } catch (RuntimeException | Error e) { // without this thread nothing is sealed by age any more
                LOG.error("sealing a due part failed; the next deadline is tried", e);
            }
        }
    }

    /** Has the thread look again. Never blocks. */
    public void wake() {
        buffers.wake();
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
