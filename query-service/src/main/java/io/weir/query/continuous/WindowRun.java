package io.weir.query.continuous;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.WeirException;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.ContinuousQueries;
import io.weir.storage.catalog.ContinuousQuery;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.OpenWindow;
import io.weir.storage.catalog.WindowCommit;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Brings the windows of one query up to date while it holds the query's lease: first those that late rows may have changed,
 * then those that have ended. A window is computed, put, and committed with the watermark; whatever ends this before the
 * commit leaves the destination and the watermark as they were. Not thread-safe: for one run.
 */
final class WindowRun {

    private static final Logger LOG = LoggerFactory.getLogger(WindowRun.class);
    private static final int REPETITIONS = 8;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    private final WindowQuery windows;
    private final WindowFiles files;
    private final ContinuousQueries queries;
    private final ContinuousMetrics metrics;
    private final Clock clock;
    private final Lease lease;
    private ContinuousQuery query;
    private RunTally tally = RunTally.NOTHING;

    WindowRun(
            WindowQuery windows,
            WindowFiles files,
            ContinuousQueries queries,
            ContinuousMetrics metrics,
            Clock clock,
            ContinuousQuery query,
            Lease lease) {
        this.windows = windows;
        this.files = files;
        this.queries = queries;
        this.metrics = metrics;
        this.clock = clock;
        this.query = query;
        this.lease = lease;
    }

    /** The query, with the watermark where it is now. */
    ContinuousQuery query() {
        return query;
    }

    /** What has been done so far. */
    RunTally tally() {
        return tally;
    }

    /** Whether a window has ended that is not in the destination. */
    boolean isBehind() {
        return !query.nextWindowDue().isAfter(clock.instant());
    }

    /** Does all of it, but no more than {@code most} new windows. */
    Mono<Void> upToDate(int most) {
        return Mono.defer(this::late).then(Mono.defer(() -> next(most)));
    }

    /** Late rows count until their window is settled, so they are looked for before the watermark moves on. */
    private Mono<Void> late() {
        if (query.definition().lateness().isZero()) {
            return Mono.empty();
        }
        return queries.openWindows(query.id())
                .flatMapMany(Flux::fromIterable)
                .concatMap(this::recompute)
                .then();
    }

    private Mono<Void> recompute(OpenWindow open) {
        return windows.compute(query, open.startMicros())
                .filter(result -> !result.digest().equals(open.digest()))
                .flatMap(result -> commit(open.startMicros(), result, open.objectKeys())
                        .doOnSuccess(done -> count(new RunTally(0, 1, result.rows())))
                        .onErrorResume(failure -> is(failure, CatalogError.COMMIT_CONFLICT), gone -> giveUp(open)));
    }

    /** Its files were dropped, or rewritten without rows that were deleted; another version beside what is left would count rows twice. */
    private Mono<Void> giveUp(OpenWindow open) {
        LOG.warn(
                "late rows changed a window of continuous query \"{}\" whose rows in {} were deleted meanwhile;"
                        + " it stays as it is",
                query.definition().name(),
                query.definition().destination());
        return queries.settle(query.id(), open.startMicros());
    }

    private Mono<Void> next(int most) {
        return Mono.defer(() ->
                        isBehind() && tally.windows() < most ? computeNext().thenReturn(true) : Mono.just(false))
                .repeat()
                .takeUntil(did -> !did)
                .then();
    }

    private Mono<Void> computeNext() {
        long start = query.watermarkMicros();
        return windows.compute(query, start)
                .flatMap(result -> commit(start, result, List.of()).doOnSuccess(done -> {
                    query = query.upTo(start + query.intervalMicros());
                    count(new RunTally(1, 0, result.rows()));
                }));
    }

    private void count(RunTally more) {
        tally = tally.plus(more);
        metrics.committed(more);
    }

    private Mono<Void> commit(long start, WindowResult result, List<String> replaced) {
        // Like that of a flush, it begins with the time: the order in which rows arrived is in the names of their
        // files.
        String id = String.format(
                Locale.ROOT,
                "%012x%016x",
                clock.millis(),
                ThreadLocalRandom.current().nextLong());
        Mono<List<DataFile>> put = result.batch() == null
                ? Mono.just(List.of())
                : files.put(query.definition().destination(), result.batch(), id);
        return put.flatMap(made -> Mono.defer(() ->
                        queries.commit(new WindowCommit(id, query, start, result.digest(), made, replaced, lease)))
                .retryWhen(Retry.backoff(REPETITIONS, FIRST_PAUSE)
                        .filter(failure -> is(failure, CatalogError.COMMIT_UNKNOWN))
                        .onRetryExhaustedThrow((retry, last) -> last.failure())));
    }

    static boolean is(Throwable failure, ErrorCode code) {
        return failure instanceof WeirException weir && weir.code() == code;
    }
}
