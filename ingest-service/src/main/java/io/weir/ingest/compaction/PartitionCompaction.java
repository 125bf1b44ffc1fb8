package io.weir.ingest.compaction;

import io.weir.common.error.WeirException;
import io.weir.ingest.compaction.plan.PartitionPlan;
import io.weir.ingest.compaction.plan.PlanLimits;
import io.weir.ingest.compaction.run.InputFailure;
import io.weir.ingest.compaction.run.MergeOutcome;
import io.weir.ingest.compaction.run.MergeRequest;
import io.weir.ingest.compaction.run.MergeStep;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.CompactionQueue;
import io.weir.storage.catalog.CompactionRun;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.Partition;
import io.weir.storage.catalog.QueuedPartition;
import io.weir.storage.catalog.TableSnapshot;
import io.weir.storage.parquet.merging.Duplicates;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Compacts one queued partition: merge after merge until its plan is empty, then takes it off the queue. After a failure it
 * stays there for a while, and fewer files are merged at once next time; a file that cannot be read is left out from then on.
 */
final class PartitionCompaction {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionCompaction.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(30);
    private static final int MOST_DOUBLINGS = 7;

    private final Catalog catalog;
    private final CompactionQueue queue;
    private final MergeStep step;
    private final CompactionSettings settings;
    private final CompactionMetrics metrics;
    private final Clock clock;

    PartitionCompaction(
            Catalog catalog,
            CompactionQueue queue,
            MergeStep step,
            CompactionSettings settings,
            CompactionMetrics metrics,
            Clock clock) {
        this.catalog = catalog;
        this.queue = queue;
        this.step = step;
        this.settings = settings;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Compacts it.
     *
     * @param quiet whether no more files come, as far as one can tell
     * @return an error when a merge failed, which is recorded, or when the lease is lost or the catalog away
     */
    Mono<Void> run(QueuedPartition queued, boolean quiet, Lease lease) {
        return Mono.defer(() -> mergeNext(queued, quiet, lease))
                .repeat()
                .takeUntil(more -> !more)
                .then(Mono.defer(() -> quiet ? queue.settle(queued) : queue.postpone(queued, clock.instant(), 0)))
                .onErrorResume(failure -> isLeaseLost(failure) ? Mono.error(failure) : postponed(queued, failure));
    }

    private static boolean isLeaseLost(Throwable failure) {
        return failure instanceof WeirException weir && weir.code() == CatalogError.LEASE_LOST;
    }

    private Mono<Void> postponed(QueuedPartition queued, Throwable failure) {
        int failures = queued.failures() + 1;
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(MOST_DOUBLINGS, failures - 1));
        return queue.postpone(queued, clock.instant().plus(pause), failures)
                .onErrorResume(e -> {
                    failure.addSuppressed(e);
                    return Mono.empty();
                })
                .then(Mono.error(failure));
    }

    /** One merge; false when there is none to make. */
    private Mono<Boolean> mergeNext(QueuedPartition queued, boolean quiet, Lease lease) {
        Partition partition = queued.partition();
        return catalog.snapshot(partition.table(), partition.range(), List.of())
                .zipWhen(files -> queue.keptOut(partition.table()))
                .flatMap(both -> {
                    List<DataFile> inputs = plan(queued, quiet, both.getT1(), both.getT2());
                    return inputs.isEmpty()
                            ? Mono.just(false)
                            : merge(partition, both.getT1(), inputs, lease).thenReturn(true);
                })
                .defaultIfEmpty(false); // the measurement is gone
    }

    private List<DataFile> plan(QueuedPartition queued, boolean quiet, TableSnapshot now, Set<String> keptOut) {
        List<DataFile> files = now.files().stream()
                .filter(file -> queued.partition().holds(file)
                        && !keptOut.contains(file.objectKey()) // windows are queued again once they are settled
                        && !now.deleted().containsKey(file.objectKey())) // queued again once it is rewritten
                .toList();
        int most = Math.max(2, settings.maxFiles() >> Math.min(Integer.SIZE - 2, queued.failures()));
        PlanLimits limits = new PlanLimits(
                settings.targetSize().toBytes(), most, settings.maxInput().toBytes());
        return new PartitionPlan(limits, duplicates(queued.partition(), now)).next(files, quiet);
    }

    private Duplicates duplicates(Partition partition, TableSnapshot now) {
        return settings.duplicates(partition.table(), now.dedup());
    }

    private Mono<Void> merge(Partition partition, TableSnapshot now, List<DataFile> inputs, Lease lease) {
        String id = UUID.randomUUID().toString().replace("-", "");
        long rows = inputs.stream().mapToLong(DataFile::rows).sum();
        RunningMerge running = new RunningMerge(id, partition, clock.instant(), inputs.size(), rows, new AtomicLong());
        MergeRequest request = new MergeRequest(
                id,
                partition,
                now.schema(),
                inputs,
                duplicates(partition, now),
                settings.memoryOfAMerge(),
                lease,
                running.rowsWritten()::set);
        return Mono.defer(() -> {
                    metrics.running().put(id, running);
                    return step.run(request);
                })
                .doFinally(signal -> metrics.running().remove(id))
                .flatMap(outcome -> succeeded(running, outcome))
                .onErrorResume(failure -> failed(running, inputs, failure));
    }

    private Mono<Void> succeeded(RunningMerge running, MergeOutcome outcome) {
        metrics.merged(outcome);
        LOG.debug(
                "{} files of {} are one file of {} rows",
                outcome.inputs().size(),
                running.partition(),
                outcome.output().rows());
        long bytes = outcome.inputs().stream().mapToLong(DataFile::sizeBytes).sum();
        long rows = outcome.inputs().stream().mapToLong(DataFile::rows).sum();
        DataFile output = outcome.output();
        return remember(running, outcome.inputs().size(), rows, bytes, output.rows(), output.sizeBytes(), "");
    }

    private Mono<Void> failed(RunningMerge running, List<DataFile> inputs, Throwable failure) {
        if (isLeaseLost(failure)) {
            return Mono.error(failure);
        }
        metrics.failed();
        long bytes = inputs.stream().mapToLong(DataFile::sizeBytes).sum();
        String sentence = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        Mono<Void> remembered = remember(running, inputs.size(), running.inputRows(), bytes, 0, 0, sentence);
        Mono<Void> after = failure instanceof InputFailure input
                ? quarantineIfThere(running.partition(), input)
                : isConflict(failure) ? Mono.empty() : Mono.error(failure);
        return remembered.onErrorComplete().then(after);
    }

    /** Another process has changed the files: they are planned anew. */
    private static boolean isConflict(Throwable failure) {
        return failure instanceof WeirException weir && weir.code() == CatalogError.COMMIT_CONFLICT;
    }

    /** A file that left the catalog meanwhile is no matter. */
    private Mono<Void> quarantineIfThere(Partition partition, InputFailure input) {
        return catalog.snapshot(partition.table(), partition.range(), List.of())
                .filter(now ->
                        now.files().stream().anyMatch(file -> file.objectKey().equals(input.objectKey())))
                .flatMap(there -> {
                    LOG.error(
                            "data file {} cannot be read; it is left out of compaction for {}, its rows are not touched",
                            input.objectKey(),
                            settings.quarantine(),
                            input);
                    Instant until = clock.instant().plus(settings.quarantine());
                    String reason = String.valueOf(input.getMessage());
                    return queue.quarantine(partition.table(), input.objectKey(), until, reason);
                });
    }

    private Mono<Void> remember(
            RunningMerge of, long files, long rows, long bytes, long outputRows, long outputBytes, String failure) {
        return queue.record(new CompactionRun(
                of.id(),
                of.partition(),
                of.began(),
                clock.instant(),
                files,
                rows,
                bytes,
                outputRows,
                outputBytes,
                failure));
    }
}
