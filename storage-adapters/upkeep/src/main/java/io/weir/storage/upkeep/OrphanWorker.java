package io.weir.storage.upkeep;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.weir.storage.catalog.Leases;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Runs a cycle of {@link OrphanSweep} now and then, one at a time among all processes of a catalog, sooner after one that
 * failed and then ever later. Never fails itself. Closing cancels a cycle wherever it is, which loses nothing: the next one goes on. Thread-safe.
 */
public final class OrphanWorker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OrphanWorker.class);
    private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
    private static final int MOST_DOUBLINGS = 20;

    /** Name of the lease that whoever runs a cycle holds. */
    static final String LEASE = "orphans";

    private static final Duration LEASE_TIME = Duration.ofMinutes(2);

    private final OrphanSweep sweep;
    private final Leases leases;
    private final String holder;
    private final Duration interval;
    private final Scheduler io;
    private final Clock clock;
    private final Counter found;
    private final Counter removed;
    private final Counter failed;
    private final Counter failedCycles;
    private final Counter skippedCycles;
    private final Disposable.Swap running = Disposables.swap();

    private volatile long lastSuccessSeconds;
    private final AtomicInteger failuresInARow = new AtomicInteger();

    /**
     * A worker that does not run yet.
     *
     * @param io bounded scheduler where cycles begin
     */
    public OrphanWorker(
            OrphanSweep sweep, Leases leases, Duration interval, Scheduler io, Clock clock, MeterRegistry registry) {
        this.sweep = sweep;
        this.leases = leases;
        this.holder = ManagementFactory.getRuntimeMXBean().getName();
        this.interval = interval;
        this.io = io;
        this.clock = clock;
        this.found =
                counter(registry, "weir.orphans.found", "objects the catalog does not know, past the grace period");
        this.removed = counter(registry, "weir.orphans.removed", "objects removed because nobody needs them");
        this.failed = counter(registry, "weir.orphans.failed", "objects that could not be removed, each time");
        this.failedCycles = counter(registry, "weir.orphans.cycle.failures", "cycles that ended before their end");
        this.skippedCycles = counter(
                registry, "weir.orphans.cycle.skips", "cycles that were left to another process, which was at it");
        Gauge.builder("weir.orphans.last.success", () -> lastSuccessSeconds)
                .description("when a cycle last came to its end, in seconds since 1970; 0: not yet")
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    /** Starts: the first cycle comes after a minute, or the interval when that is shorter. */
    public void start() {
        Duration first = interval.compareTo(FIRST_PAUSE) < 0 ? interval : FIRST_PAUSE;
        running.update(Mono.delay(first)
                .thenMany(Mono.defer(this::cycle)
                        .then(Mono.defer(() -> Mono.delay(pause())))
                        .repeat())
                .subscribe());
    }

    /** One cycle, unless another process is at it; its failure is told, and not passed on. */
    Mono<Void> cycle() {
        return leases.during(LEASE, holder, LEASE_TIME, held -> sweep.run().subscribeOn(io))
                .doOnSuccess(report -> {
                    if (report == null) {
                        skippedCycles.increment();
                    } else {
                        ended(report);
                    }
                })
                .doOnError(this::failed)
                .onErrorComplete()
                .then();
    }

    private void ended(SweepReport report) {
        found.increment((double) report.found());
        removed.increment((double) report.removed());
        failed.increment((double) report.failed());
        if (report.failed() > 0) {
            failuresInARow.incrementAndGet();
        } else {
            failuresInARow.set(0);
            lastSuccessSeconds = clock.instant().getEpochSecond();
        }
        if (report.found() + report.removed() > 0) {
            LOG.info(
                    "{} orphans were found among {} data files; {} objects that nobody needs were removed",
                    report.found(),
                    report.listed(),
                    report.removed());
        }
    }

    private void failed(Throwable failure) {
        failedCycles.increment();
        failuresInARow.incrementAndGet();
        LOG.warn("the removal of objects that nobody needs ended early, and is tried again in some minutes", failure);
    }

    /** The interval after a success; after failures a minute, then doubled each time up to the interval. A little of it by chance. */
    Duration pause() {
        long most = interval.toMillis();
        int failures = failuresInARow.get();
        long millis =
                failures == 0 ? most : Math.min(most, FIRST_PAUSE.toMillis() << Math.min(MOST_DOUBLINGS, failures - 1));
        return Duration.ofMillis(
                millis - (long) (millis / 10.0 * ThreadLocalRandom.current().nextDouble()));
    }

    /** Stops; a cycle under way is cancelled. */
    @Override
    public void close() {
        running.dispose();
    }
}
