package io.weir.ingest.rewrite;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.error.WeirException;
import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.FileToRewrite;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.Leases;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Rewrites files whose rows are deleted, one process of a catalog at a time, which holds a lease that every change checks. A
 * file that cannot be rewritten waits longer each time and holds up no other; its rows stay hidden. Thread-safe.
 */
public final class DeleteWorker implements BackgroundLoop {

    private static final Logger LOG = LoggerFactory.getLogger(DeleteWorker.class);
    private static final int FILES_A_TURN = 100;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(30);
    private static final int MOST_DOUBLINGS = 7;
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    /** Name of the lease that whoever rewrites holds. */
    static final String LEASE = "deletes";

    private final Deletes deletes;
    private final Leases leases;
    private final FileRewrite rewrite;
    private final RewriteSettings settings;
    private final RewriteMetrics metrics;
    private final Clock clock;
    private final String holder = ManagementFactory.getRuntimeMXBean().getName();

    /** A worker over these parts of the house. */
    public DeleteWorker(
            Deletes deletes,
            Leases leases,
            FileRewrite rewrite,
            RewriteSettings settings,
            MeterRegistry registry,
            Clock clock) {
        this.deletes = deletes;
        this.leases = leases;
        this.rewrite = rewrite;
        this.settings = settings;
        this.metrics = new RewriteMetrics(registry);
        this.clock = clock;
    }

    @Override
    public String name() {
        return "deletes";
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
        return Duration.ofHours(12); // many of the largest files on a slow disk
    }

    @Override
    public Mono<Turn> turn() {
        return leases.during(LEASE, holder, settings.lease(), this::cycle).defaultIfEmpty(Turn.SKIPPED);
    }

    private Mono<Turn> cycle(Lease lease) {
        List<Throwable> failures = new ArrayList<>();
        return deletes.due(FILES_A_TURN)
                .flatMap(due -> Flux.fromIterable(due)
                        .concatMap(file -> one(file, lease, failures))
                        .then(Mono.defer(() -> deletes.forget(clock.instant().minus(settings.history()))))
                        .then(Mono.defer(deletes::failing))
                        .doOnNext(metrics::failing)
                        .then(Mono.defer(() -> ended(due, failures))));
    }

    private static Mono<Turn> ended(List<FileToRewrite> due, List<Throwable> failures) {
        if (failures.isEmpty()) {
            return Mono.just(due.size() == FILES_A_TURN ? Turn.MORE : Turn.DONE);
        }
        Throwable first = failures.get(0);
        return Mono.error(new WeirException(
                RewriteError.REWRITE_FAILED,
                failures.size() + " of " + due.size() + " files with deleted rows could not be rewritten; first: "
                        + first.getMessage(),
                first));
    }

    private Mono<Void> one(FileToRewrite file, Lease lease, List<Throwable> failures) {
        return rewrite.rewrite(RewriteRequest.of(file, lease))
                .flatMap(outcome -> settled(file, outcome, lease))
                .onErrorResume(failure -> failed(file, failure, failures));
    }

    private Mono<Void> settled(FileToRewrite file, RewriteOutcome outcome, Lease lease) {
        metrics.done(outcome);
        LOG.debug("{} of {} lost {} rows", file.file().objectKey(), file.table(), outcome.removedRows());
        return outcome.removedRows() > 0
                ? Mono.empty()
                : deletes.unchanged(file.table(), file.file(), file.deleteIds(), lease);
    }

    private Mono<Void> failed(FileToRewrite file, Throwable failure, List<Throwable> failures) {
        if (is(failure, CatalogError.LEASE_LOST)) {
            return Mono.error(failure);
        }
        if (is(failure, CatalogError.COMMIT_CONFLICT)) {
            return Mono.empty(); // its deletes, or files, have changed: the next turn reads them anew
        }
        LOG.warn(
                "data file {} cannot be rewritten, and is tried again later",
                file.file().objectKey(),
                failure);
        metrics.failed();
        failures.add(failure);
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(MOST_DOUBLINGS, file.failures()));
        String sentence = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return deletes.failed(file.file().objectKey(), clock.instant().plus(pause), sentence);
    }

    private static boolean is(Throwable failure, CatalogError code) {
        return failure instanceof WeirException weir && weir.code() == code;
    }

    @Override
    public void awaitQuiet() {
        rewrite.awaitQuiet(STOP_PATIENCE);
    }
}
