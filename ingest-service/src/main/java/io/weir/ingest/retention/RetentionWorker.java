package io.weir.ingest.retention;

import io.weir.common.error.WeirException;
import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.RetentionPolicies;
import io.weir.storage.catalog.RetentionPolicy;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Runs retention policies that are due: one process of a catalog at a time, which holds a lease that every change checks. A
 * look at what is due is one search of an index, and takes no lease when nothing is. Thread-safe.
 */
public final class RetentionWorker implements BackgroundLoop {

    /** Name of the lease that whoever runs policies holds. */
    static final String LEASE = "retention";

    private static final int POLICIES_A_TURN = 200;

    private final RetentionPolicies policies;
    private final Leases leases;
    private final PolicyRun run;
    private final RetentionSettings settings;
    private final Clock clock;
    private final String holder = ManagementFactory.getRuntimeMXBean().getName();

    RetentionWorker(RetentionPolicies policies, Leases leases, PolicyRun run, RetentionSettings settings, Clock clock) {
        this.policies = policies;
        this.leases = leases;
        this.run = run;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "retention";
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
        return Mono.defer(() -> policies.due(clock.instant(), POLICIES_A_TURN))
                .flatMap(due -> due.isEmpty()
                        ? Mono.just(Turn.DONE)
                        : alone(this::dueNow).defaultIfEmpty(Turn.SKIPPED));
    }

    /** Does that while no other process runs policies; else empty. */
    private <T> Mono<T> alone(Function<Lease, Mono<T>> work) {
        return leases.during(LEASE, holder, settings.lease(), work);
    }

    /** What was due before the lease was held may have been run by whoever held it. */
    private Mono<Turn> dueNow(Lease lease) {
        return policies.due(clock.instant(), POLICIES_A_TURN).flatMap(due -> {
            List<Throwable> failures = new ArrayList<>();
            return Flux.fromIterable(due)
                    .concatMap(policy -> runOne(policy, lease, failures))
                    .then(Mono.defer(() -> ended(due, failures)));
        });
    }

    private Mono<Void> runOne(RetentionPolicy policy, Lease lease, List<Throwable> failures) {
        return run.due(policy, lease).then().onErrorResume(failure -> {
            if (failure instanceof WeirException weir && weir.code() == CatalogError.LEASE_LOST) {
                return Mono.error(failure);
            }
            failures.add(failure);
            return Mono.empty();
        });
    }

    private static Mono<Turn> ended(List<RetentionPolicy> due, List<Throwable> failures) {
        if (!failures.isEmpty()) {
            return Mono.error(new WeirException(
                    RetentionError.RETENTION_FAILED,
                    failures.size() + " of " + due.size() + " retention policies failed; first: "
                            + failures.get(0).getMessage(),
                    failures.get(0)));
        }
        return Mono.just(due.size() == POLICIES_A_TURN ? Turn.MORE : Turn.DONE);
    }

    /** Runs a policy now, whether it is due or not; an error {@code retention-running} when any process runs policies. */
    Mono<Dropped> execute(RetentionPolicy policy) {
        return alone(lease -> run.asked(policy, lease))
                .switchIfEmpty(Mono.error(() -> new WeirException(
                        RetentionError.RETENTION_RUNNING,
                        "retention policies are being run (expected: none; ask again in a moment)")));
    }
}
