package io.weir.query.continuous;

import io.weir.common.model.RandomIds;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.ContinuousQueries;
import io.weir.storage.catalog.ContinuousQuery;
import io.weir.storage.catalog.ContinuousRun;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.TaskState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Runs a query and records how it went. After a failure it is due again in 5 seconds, and after each more in twice as long,
 * up to 10 minutes; no window is skipped meanwhile. Stateless and thread-safe.
 */
final class ContinuousRunner {

    private static final Logger LOG = LoggerFactory.getLogger(ContinuousRunner.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
    private static final int MOST_DOUBLINGS = 7;

    private final WindowQuery windows;
    private final WindowFiles files;
    private final ContinuousQueries queries;
    private final ContinuousMetrics metrics;
    private final ContinuousSettings settings;
    private final Clock clock;

    ContinuousRunner(
            WindowQuery windows,
            WindowFiles files,
            ContinuousQueries queries,
            ContinuousMetrics metrics,
            ContinuousSettings settings,
            Clock clock) {
        this.windows = windows;
        this.files = files;
        this.queries = queries;
        this.metrics = metrics;
        this.settings = settings;
        this.clock = clock;
    }

    /** The window of a query that begins then, without writing it. */
    Mono<WindowResult> preview(ContinuousQuery query, long startMicros) {
        return windows.compute(query, startMicros);
    }

    /**
     * Brings a query up to date, or nearer to it.
     *
     * @return what was done; an error, which is recorded with the query; {@code lease-lost} is not
     */
    Mono<RunTally> run(ContinuousQuery query, Lease lease) {
        return Mono.defer(() -> {
            Instant began = clock.instant();
            WindowRun run = new WindowRun(windows, files, queries, metrics, clock, query, lease);
            return run.upToDate(settings.windows())
                    .then(Mono.defer(() -> succeeded(run, query, began)))
                    .onErrorResume(failure -> failed(run, query, began, failure));
        });
    }

    private Mono<RunTally> succeeded(WindowRun run, ContinuousQuery before, Instant began) {
        Instant now = clock.instant();
        Instant due = run.query().nextWindowDue();
        TaskState state = new TaskState(paused(before) ? null : due.isBefore(now) ? now : due, began, 0, "");
        boolean did = run.tally().windows() + run.tally().recomputed() > 0;
        return queries.ran(before, state, did ? record(run, before, began, "") : null, settings.history())
                .thenReturn(run.tally());
    }

    private static boolean paused(ContinuousQuery query) {
        return !query.definition().enabled();
    }

    private Mono<RunTally> failed(WindowRun run, ContinuousQuery before, Instant began, Throwable failure) {
        if (WindowRun.is(failure, CatalogError.LEASE_LOST) || WindowRun.is(failure, CatalogError.TASK_CHANGED)) {
            return Mono.error(failure); // it is another's by now
        }
        metrics.failed();
        int failures = before.state().failures() + 1;
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(MOST_DOUBLINGS, failures - 1));
        Instant next = clock.instant().plus(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
        String sentence = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        LOG.warn(
                "continuous query \"{}\" of {} failed, {} times in a row",
                before.definition().name(),
                before.organisation(),
                failures,
                failure);
        return queries.ran(
                        before,
                        new TaskState(paused(before) ? null : next, began, failures, sentence),
                        record(run, before, began, sentence),
                        settings.history())
                .then(Mono.error(new RecordedFailure(failure)));
    }

    private ContinuousRun record(WindowRun run, ContinuousQuery before, Instant began, String failure) {
        return new ContinuousRun(
                RandomIds.next(),
                before.id(),
                began,
                clock.instant(),
                ContinuousJson.instant(before.watermarkMicros()),
                ContinuousJson.instant(run.query().watermarkMicros()),
                run.tally().windows(),
                run.tally().recomputed(),
                run.tally().rows(),
                failure);
    }
}
