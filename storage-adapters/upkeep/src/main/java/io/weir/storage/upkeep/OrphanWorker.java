package io.weir.storage.upkeep;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import io.weir.storage.catalog.Leases;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Runs a cycle of {@link OrphanSweep} a turn, one at a time among all processes of a catalog. A turn that is cancelled amid a
 * cycle loses nothing: the next one goes on. Thread-safe.
 */
public final class OrphanWorker implements BackgroundLoop {

    private static final Logger LOG = LoggerFactory.getLogger(OrphanWorker.class);

    /** Name of the lease that whoever runs a cycle holds. */
    static final String LEASE = "orphans";

    private static final Duration LEASE_TIME = Duration.ofMinutes(2);
    private static final Duration LONGEST = Duration.ofHours(12); // some hundred million objects

    private final OrphanSweep sweep;
    private final Leases leases;
    private final String holder;
    private final OrphanSettings settings;
    private final Scheduler io;
    private final Counter found;
    private final Counter removed;
    private final Counter failed;

    /**
     * A worker that does not run yet.
     *
     * @param io bounded scheduler where cycles begin
     */
    public OrphanWorker(
            OrphanSweep sweep, Leases leases, OrphanSettings settings, Scheduler io, MeterRegistry registry) {
        this.sweep = sweep;
        this.leases = leases;
        this.holder = ManagementFactory.getRuntimeMXBean().getName();
        this.settings = settings;
        this.io = io;
        this.found =
                counter(registry, "weir.orphans.found", "objects the catalog does not know, past the grace period");
        this.removed = counter(registry, "weir.orphans.removed", "objects removed because nobody needs them");
        this.failed = counter(registry, "weir.orphans.failed", "objects that could not be removed, each time");
    }

    private static Counter counter(MeterRegistry registry, String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    @Override
    public String name() {
        return "orphans";
    }

    @Override
    public Duration interval() {
        return settings.interval();
    }

    @Override
    public boolean enabled() {
        return settings.enabled();
    }

    @Override
    public Duration longestTurn() {
        return LONGEST;
    }

    /** One cycle, unless another process is at it; fails when an object could not be removed, once it has tried them all. */
    @Override
    public Mono<Turn> turn() {
        return leases.during(LEASE, holder, LEASE_TIME, held -> sweep.run().subscribeOn(io))
                .map(this::ended)
                .defaultIfEmpty(Turn.SKIPPED);
    }

    private Turn ended(SweepReport report) {
        found.increment((double) report.found());
        removed.increment((double) report.removed());
        failed.increment((double) report.failed());
        if (report.found() + report.removed() > 0) {
            LOG.info(
                    "{} orphans were found among {} data files; {} objects that nobody needs were removed",
                    report.found(),
                    report.listed(),
                    report.removed());
        }
        if (report.failed() > 0) {
            throw new WeirException(
                    CommonError.STORAGE_UNAVAILABLE,
                    report.failed() + " objects that nobody needs could not be removed (expected: none left)");
        }
        return Turn.DONE;
    }
}
