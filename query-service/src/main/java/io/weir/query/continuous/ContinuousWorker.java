package io.weir.query.continuous;

import io.weir.common.error.WeirException;
import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.ContinuousQueries;
import io.weir.storage.catalog.ContinuousQuery;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.Leases;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Runs continuous queries that are due. Each has a lease of its own, so the processes of a catalog share the queries, and one
 * of them at a time runs each; every commit checks the lease. A look at what is due is one search of an index. Thread-safe.
 */
public final class ContinuousWorker implements BackgroundLoop {

    private static final Logger LOG = LoggerFactory.getLogger(ContinuousWorker.class);
    private static final int QUERIES_A_TURN = 100;

    private final ContinuousQueries queries;
    private final Leases leases;
    private final ContinuousRunner runner;
    private final ContinuousSettings settings;
    private final Clock clock;
    private final String holder = ManagementFactory.getRuntimeMXBean().getName();

    ContinuousWorker(
            ContinuousQueries queries,
            Leases leases,
            ContinuousRunner runner,
            ContinuousSettings settings,
            Clock clock) {
        this.queries = queries;
        this.leases = leases;
        this.runner = runner;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "continuous-queries";
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
    public Mono<Turn> turn() {
        return Mono.defer(() -> queries.due(clock.instant(), QUERIES_A_TURN))
                .flatMap(due -> Flux.fromIterable(due)
                        .flatMap(this::runDue, settings.parallelism(), 1)
                        .reduce(false, Boolean::logicalOr) // each to its end
                        .map(more -> more ? Turn.MORE : Turn.DONE));
    }

    /** Whether there is more to do, also for others; empty when another process has the query, or it has failed. */
    private Mono<Boolean> runDue(ContinuousQuery seen) {
        return alone(
                        seen,
                        lease -> queries.find(seen.organisation(), seen.id())
                                .filter(query -> isDue(query, clock.instant()))
                                .flatMap(query -> runner.run(query, lease)))
                .map(tally -> tally.windows() >= settings.windows())
                .onErrorResume(RecordedFailure.class, failed -> Mono.empty())
                .onErrorResume(ContinuousWorker::isElsewhere, failure -> {
                    LOG.info(
                            "a run of continuous query \"{}\" was given up",
                            seen.definition().name(),
                            failure);
                    return Mono.empty();
                });
    }

    private static boolean isDue(ContinuousQuery query, Instant now) {
        Instant next = query.state().nextRun();
        return next != null && !next.isAfter(now);
    }

    private static boolean isElsewhere(Throwable failure) {
        return WindowRun.is(failure, CatalogError.LEASE_LOST) || WindowRun.is(failure, CatalogError.TASK_CHANGED);
    }

    /** Does that while no other process runs the query; else empty. */
    private <T> Mono<T> alone(ContinuousQuery query, Function<Lease, Mono<T>> work) {
        return leases.during("continuous-query/" + query.id(), holder, settings.lease(), work);
    }

    /**
     * Runs a query now, whether it is due or not; windows that have ended are computed, and no others.
     *
     * @return an error {@code continuous-query-running} when any process runs it, or what the run failed of
     */
    Mono<RunTally> execute(ContinuousQuery seen) {
        return alone(
                        seen,
                        lease ->
                                queries.find(seen.organisation(), seen.id()).flatMap(query -> runner.run(query, lease)))
                .onErrorMap(RecordedFailure.class, Throwable::getCause)
                .switchIfEmpty(Mono.error(() -> new WeirException(
                        ContinuousError.QUERY_RUNNING,
                        "continuous query \"" + seen.definition().name()
                                + "\" is being run (expected: it is not; ask again in a moment)")));
    }
}
