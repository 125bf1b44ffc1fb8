package io.weir.ingest.compaction;

import io.weir.common.error.WeirException;
import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import io.weir.ingest.compaction.run.MergeStep;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.CompactionQueue;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.QueuedPartition;
import io.weir.storage.catalog.QuietTimes;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Compacts what is queued, a cycle at a time: one among all processes of a catalog, which holds a lease that every commit of
 * it checks. Runs as a background loop, and when it is asked to. Thread-safe.
 */
public final class Compactor implements BackgroundLoop {

    private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);
    private static final int PARTITIONS_A_TURN = 200;
    private static final int QUARANTINED_COUNTED = 1000;
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    /** Name of the lease that whoever runs a cycle holds. */
    static final String LEASE = "compaction";

    private final CompactionQueue queue;
    private final Leases leases;
    private final MergeStep step;
    private final PartitionCompaction compaction;
    private final CompactionSettings settings;
    private final CompactionMetrics metrics;
    private final Clock clock;
    private final String holder = ManagementFactory.getRuntimeMXBean().getName();
    private final AtomicBoolean busy = new AtomicBoolean();
    private final Disposable.Swap asked = Disposables.swap();

    Compactor(
            CompactionQueue queue,
            Leases leases,
            MergeStep step,
            PartitionCompaction compaction,
            CompactionSettings settings,
            CompactionMetrics metrics,
            Clock clock) {
        this.queue = queue;
        this.leases = leases;
        this.step = step;
        this.compaction = compaction;
        this.settings = settings;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "compaction";
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
        return Duration.ofHours(12); // a merge of the largest files on a slow disk
    }

    @Override
    public Mono<Turn> turn() {
        return alone(lease -> cycle(lease, settings::quietTimes)).defaultIfEmpty(Turn.SKIPPED);
    }

    /**
     * Begins a cycle over everything queued, whether or not it is quiet; it goes on when nobody waits.
     *
     * @return completes when it has begun; an error {@code compaction-running} when one runs, in any process
     */
    public Mono<Void> trigger() {
        return Mono.defer(() -> {
            Sinks.Empty<Void> begun = Sinks.empty();
            Disposable running = alone(lease -> {
                        begun.tryEmitEmpty();
                        return untilDone(lease);
                    })
                    .subscribe(
                            turn -> LOG.info("the compaction that was asked for has ended"),
                            failure -> {
                                LOG.warn("the compaction that was asked for failed", failure);
                                begun.tryEmitError(failure); // when the lease could not be asked for
                            },
                            () -> begun.tryEmitError(new WeirException(
                                    CompactionError.COMPACTION_RUNNING,
                                    "a compaction is running (expected: none; its progress is at"
                                            + " /api/v1/compaction/status)")));
            if (!running.isDisposed()) {
                asked.update(running);
            }
            return begun.asMono();
        });
    }

    private Mono<Turn> untilDone(Lease lease) {
        return Mono.defer(() -> cycle(lease, now -> QuietTimes.at(now, Duration.ZERO, Duration.ZERO)))
                .repeat()
                .takeUntil(turn -> turn != Turn.MORE)
                .last();
    }

    /** Does that if no other cycle runs, here or elsewhere; else empty. */
    private Mono<Turn> alone(Function<Lease, Mono<Turn>> work) {
        return Mono.defer(() -> {
            if (!busy.compareAndSet(false, true)) {
                return Mono.empty();
            }
            return leases.during(LEASE, holder, settings.lease(), work).doFinally(signal -> busy.set(false));
        });
    }

    /** Compacts partitions in which nothing came for long enough, or that have many new files. */
    private Mono<Turn> cycle(Lease lease, Function<Instant, QuietTimes> quiet) {
        return Mono.defer(() -> {
            QuietTimes times = quiet.apply(clock.instant());
            List<Throwable> failures = new ArrayList<>();
            return queue.due(times, settings.minFiles(), PARTITIONS_A_TURN)
                    .flatMap(due -> Flux.fromIterable(due)
                            .flatMap(
                                    queued -> compact(queued, times, lease, failures),
                                    settings.parallelism(),
                                    settings.parallelism())
                            .then(Mono.defer(this::count))
                            .then(Mono.defer(() -> ended(due, failures))));
        });
    }

    private Mono<Void> compact(QueuedPartition queued, QuietTimes times, Lease lease, List<Throwable> failures) {
        return compaction.run(queued, times.isQuiet(queued), lease).onErrorResume(failure -> {
            if (failure instanceof WeirException weir && weir.code() == CatalogError.LEASE_LOST) {
                return Mono.error(failure);
            }
            LOG.warn("{} could not be compacted, and is tried again later", queued.partition(), failure);
            synchronized (failures) {
                failures.add(failure);
            }
            return Mono.empty();
        });
    }

    private Mono<Void> count() {
        return queue.forget(clock.instant().minus(settings.history()))
                .then(Mono.defer(() -> queue.quarantined(QUARANTINED_COUNTED)))
                .doOnNext(files -> metrics.quarantined(files.size()))
                .then(Mono.defer(queue::size))
                .doOnNext(metrics::queued)
                .then();
    }

    private static Mono<Turn> ended(List<QueuedPartition> due, List<Throwable> failures) {
        if (!failures.isEmpty()) {
            return Mono.error(new WeirException(
                    CompactionError.COMPACTION_FAILED,
                    failures.size() + " of " + due.size() + " partitions could not be compacted; first: "
                            + failures.get(0).getMessage(),
                    failures.get(0)));
        }
        return Mono.just(due.size() == PARTITIONS_A_TURN ? Turn.MORE : Turn.DONE);
    }

    /** Whether a cycle runs in this process. */
    boolean isRunning() {
        return busy.get();
    }

    /** Merges under way here. */
    Collection<RunningMerge> running() {
        return metrics.running().values();
    }

    /** Files kept out of compaction because they cannot be read, as of the last cycle: somebody should look. */
    public long quarantinedFiles() {
        return metrics.quarantined();
    }

    /** What {@link #trigger} began is stopped with the loop. */
    @Override
    public void awaitQuiet() {
        asked.dispose();
        step.awaitQuiet(STOP_PATIENCE);
    }
}
