package io.weir.common.schedule;

import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The schedulers of a process: the only place where threads for reactive work are made. All are bounded in threads and
 * in queued tasks, and named {@code weir-<purpose>-N}. Feature code takes one from here and never makes its own.
 */
public final class WeirSchedulers implements AutoCloseable {

    private static final int TASKS = 100_000;

    /** Secrets that wait to be verified on each thread; more are refused, since none of them would wait so long. */
    private static final int VERIFICATIONS = 64;

    private static final int IDLE_SECONDS = 30;

    private final Scheduler decode;
    private final Scheduler flush;
    private final Scheduler compaction;
    private final Scheduler io;
    private final Scheduler verify;
    private final Scheduler tail;
    private final Scheduler watch;

    private WeirSchedulers(int cores) {
        this.decode = new FinishingScheduler(Schedulers.newParallel("weir-decode", cores, true));
        this.flush = Schedulers.newBoundedElastic(Math.max(1, cores / 2 + 1), TASKS, "weir-flush", IDLE_SECONDS, true);
        this.compaction = Schedulers.newBoundedElastic(cores, TASKS, "weir-compact", IDLE_SECONDS, true);
        this.io = Schedulers.newBoundedElastic(Math.max(4, cores * 2), TASKS, "weir-io", IDLE_SECONDS, true);
        this.verify =
                Schedulers.newBoundedElastic(Math.max(1, cores / 2), VERIFICATIONS, "weir-verify", IDLE_SECONDS, true);
        this.tail = Schedulers.newBoundedElastic(Math.max(1, cores / 2), TASKS, "weir-tail", IDLE_SECONDS, true);
        this.watch = Schedulers.newBoundedElastic(1, TASKS, "weir-watch", IDLE_SECONDS, true);
    }

    /** Schedulers sized for that many cores. */
    public static WeirSchedulers forCores(int cores) {
        return new WeirSchedulers(cores);
    }

    /** CPU work that never blocks: decompressing and decoding bodies, completing writes. One thread a core. */
    public Scheduler decode() {
        return decode;
    }

    /** Turning sealed buffers into files: CPU and disk. */
    public Scheduler flush() {
        return flush;
    }

    /** Merging data files: CPU and disk, for minutes. */
    public Scheduler compaction() {
        return compaction;
    }

    /** Short blocking file work besides flushing. */
    public Scheduler io() {
        return io;
    }

    /** Verifying secrets, which is slow on purpose. */
    public Scheduler verify() {
        return verify;
    }

    /** Choosing and encoding rows for those who listen to them: CPU work that writes never wait for. */
    public Scheduler tail() {
        return tail;
    }

    /** Looking at the process itself: brief, now and then, and not behind other work. */
    public Scheduler watch() {
        return watch;
    }

    /** Lets running tasks finish for up to ten seconds, then interrupts them. */
    @Override
    public void close() {
        Mono.whenDelayError(
                        decode.disposeGracefully(),
                        flush.disposeGracefully(),
                        compaction.disposeGracefully(),
                        io.disposeGracefully(),
                        verify.disposeGracefully(),
                        tail.disposeGracefully(),
                        watch.disposeGracefully())
                .timeout(Duration.ofSeconds(10), Mono.fromRunnable(() -> {
                    decode.dispose();
                    flush.dispose();
                    compaction.dispose();
                    io.dispose();
                    verify.dispose();
                    tail.dispose();
                    watch.dispose();
                }))
                .block();
    }
}
