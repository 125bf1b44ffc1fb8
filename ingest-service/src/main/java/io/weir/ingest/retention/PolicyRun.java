package io.weir.ingest.retention;

import io.weir.common.error.WeirException;
import io.weir.common.model.RandomIds;
import io.weir.storage.catalog.Boundary;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.RetentionPolicies;
import io.weir.storage.catalog.RetentionPolicy;
import io.weir.storage.catalog.RetentionRun;
import io.weir.storage.catalog.TaskState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Runs one policy and records how it went: when it is due next, a minute after a failure and twice as long after each more,
 * and what it dropped. Whole files go first; what is in files with younger rows follows, where the policy says so. Stateless and
 * thread-safe.
 */
final class PolicyRun {

    private static final Logger LOG = LoggerFactory.getLogger(PolicyRun.class);
    private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
    private static final int MOST_DOUBLINGS = 6;
    private static final int SPREAD = 10;

    private final RetentionPolicies policies;
    private final ExpiredFiles files;
    private final BoundaryFiles boundary;
    private final ExpiredHotRows hot;
    private final RetentionMetrics metrics;
    private final int history;
    private final Clock clock;
    private final DoubleSupplier chance;

    /**
     * @param history runs of a policy that are remembered
     * @param chance gives numbers from 0 to below 1
     */
    PolicyRun(
            RetentionPolicies policies,
            ExpiredFiles files,
            BoundaryFiles boundary,
            ExpiredHotRows hot,
            RetentionMetrics metrics,
            int history,
            Clock clock,
            DoubleSupplier chance) {
        this.policies = policies;
        this.files = files;
        this.boundary = boundary;
        this.hot = hot;
        this.metrics = metrics;
        this.history = history;
        this.clock = clock;
        this.chance = chance;
    }

    /** Age from which on rows of a policy are dropped now. */
    Instant cutoff(RetentionPolicy policy) {
        return clock.instant().minus(policy.rule().keep());
    }

    /** A run that was due; one that dropped nothing leaves no trace in the history. */
    Mono<Dropped> due(RetentionPolicy policy, Lease lease) {
        return run(policy, lease, false);
    }

    /** A run that somebody asked for; it does not change when the policy is due, and leaves no row that is too old. */
    Mono<Dropped> asked(RetentionPolicy policy, Lease lease) {
        return run(policy, lease, true);
    }

    private Mono<Dropped> run(RetentionPolicy policy, Lease lease, boolean asked) {
        return Mono.defer(() -> {
            Instant began = clock.instant();
            Instant cutoff = cutoff(policy);
            return work(policy, cutoff, lease, asked)
                    .onErrorResume(
                            failure -> !isLeaseLost(failure),
                            failure -> Mono.just(new Outcome(Dropped.NOTHING, failure)))
                    .flatMap(outcome -> {
                        metrics.ran(outcome);
                        Throwable failure = outcome.failure();
                        return failure == null
                                ? succeeded(policy, began, cutoff, outcome.dropped(), asked)
                                : failed(policy, began, cutoff, outcome.dropped(), failure, asked);
                    });
        });
    }

    /**
     * How a run went.
     *
     * @param dropped what it took
     * @param failure why it did not take all, or null when it did
     */
    record Outcome(Dropped dropped, @Nullable Throwable failure) {}

    private Mono<Outcome> work(RetentionPolicy policy, Instant cutoff, Lease lease, boolean asked) {
        if (policy.rule().boundary() == Boundary.KEEP) {
            return files.drop(policy, cutoff, lease).map(dropped -> new Outcome(dropped, null));
        }
        List<Throwable> unread = new ArrayList<>();
        Mono<Void> flushed = asked ? hot.flush(policy, cutoff) : Mono.empty();
        BoundaryFiles.Which which = asked ? BoundaryFiles.Which.ALL : BoundaryFiles.Which.DUE;
        return flushed.then(Mono.defer(() -> files.drop(policy, cutoff, lease)))
                .flatMap(whole -> boundary.delete(policy, cutoff, which, lease, unread::add)
                        .map(whole::plus)
                        .map(dropped -> new Outcome(dropped, unread.isEmpty() ? null : incomplete(unread)))
                        .onErrorResume(
                                failure -> !isLeaseLost(failure), failure -> Mono.just(new Outcome(whole, failure))));
    }

    private static Throwable incomplete(List<Throwable> unread) {
        Throwable first = unread.get(0);
        return new WeirException(
                RetentionError.RETENTION_FAILED,
                unread.size() + " files with rows that are too old could not be read; first: " + first.getMessage(),
                first);
    }

    private Mono<Dropped> succeeded(
            RetentionPolicy policy, Instant began, Instant cutoff, Dropped dropped, boolean asked) {
        TaskState state = new TaskState(asked ? policy.state().nextRun() : next(policy), began, 0, "");
        RetentionRun run = dropped.isNothing() && !asked ? null : record(policy, began, cutoff, dropped, "");
        return policies.ran(policy, state, run, history).thenReturn(dropped);
    }

    private static boolean isLeaseLost(Throwable failure) {
        return failure instanceof WeirException weir && weir.code() == CatalogError.LEASE_LOST;
    }

    private @Nullable Instant next(RetentionPolicy policy) {
        if (!policy.rule().enabled()) {
            return null;
        }
        Duration interval = policy.rule().interval(); // a little less by chance: what began together shall not stay so
        double early = interval.toMillis() / (double) SPREAD * chance.getAsDouble();
        return clock.instant().plus(interval).minusMillis((long) early);
    }

    private Mono<Dropped> failed(
            RetentionPolicy policy, Instant began, Instant cutoff, Dropped dropped, Throwable failure, boolean asked) {
        String sentence = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        int failures = policy.state().failures() + 1;
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(MOST_DOUBLINGS, failures - 1));
        Instant next = asked || !policy.rule().enabled()
                ? policy.state().nextRun()
                : clock.instant().plus(pause);
        LOG.warn("retention policy {} of {} failed", policy.rule().name(), policy.organisation(), failure);
        return policies.ran(
                        policy,
                        new TaskState(next, began, failures, sentence),
                        record(policy, began, cutoff, dropped, sentence),
                        history)
                .onErrorResume(e -> {
                    failure.addSuppressed(e);
                    return Mono.empty();
                })
                .then(Mono.error(failure));
    }

    private RetentionRun record(
            RetentionPolicy policy, Instant began, Instant cutoff, Dropped dropped, String failure) {
        return new RetentionRun(
                RandomIds.next(),
                policy.id(),
                began,
                clock.instant(),
                cutoff,
                dropped.files(),
                dropped.rows(),
                dropped.bytes(),
                dropped.boundaryFiles(),
                dropped.boundaryRows(),
                failure);
    }
}
