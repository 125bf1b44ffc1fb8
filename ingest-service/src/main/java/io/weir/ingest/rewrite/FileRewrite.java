package io.weir.ingest.rewrite;

import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.compaction.run.MergeRequest;
import io.weir.ingest.compaction.run.MergeStep;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.FileChange;
import io.weir.storage.catalog.KnownOutcome;
import io.weir.storage.catalog.Partition;
import io.weir.storage.catalog.PartitionTier;
import io.weir.storage.object.LocalFiles;
import io.weir.storage.parquet.merging.Duplicates;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Rewrites data files without some of their rows.
 *
 * <pre>
 *   all of it by its times? ─ yes ──────────────────────────────▶ change the catalog: the file leaves it
 *        │ no
 *   which rows? ─ none: nothing to do ─ all: as above ─ some ─▶ the others into a new file ─ put ─ change: one for the other
 * </pre>
 *
 * The new file is sorted, with row groups and statistics of the rows that stay, and its key tells their order of arrival as the old
 * one did. Whatever ends this before the change leaves the catalog as it was, and at most an object that goes as orphans go.
 * Thread-safe.
 */
public final class FileRewrite implements AutoCloseable {

    private final Catalog catalog;
    private final LocalFiles local;
    private final RowFinder finder;
    private final MergeStep step;
    private final long memoryBytes;

    /**
     * Rewriting over these parts of the house.
     *
     * @param step makes the new files; closed by whoever made it
     * @param io for short work with files
     */
    public FileRewrite(
            Catalog catalog,
            LocalFiles local,
            MergeStep step,
            RewriteDirectories directories,
            RewriteSettings settings,
            Scheduler io) {
        this.catalog = catalog;
        this.local = local;
        this.finder = new RowFinder(directories, settings, io);
        this.step = step;
        this.memoryBytes = settings.memory().toBytes();
    }

    /**
     * Rewrites one file. When none of its rows goes, nothing is changed, and whoever keeps count of its deletes says so.
     *
     * @return an error {@code commit-conflict} when the file is gone or has other deletes by now, {@code lease-lost}, or those of
     *     the store, the engine and the catalog. The catalog is changed or it is not
     */
    public Mono<RewriteOutcome> rewrite(RewriteRequest request) {
        DataFile file = request.file();
        return Flux.fromIterable(request.wholeTimes())
                .concatMap(predicate -> finder.isTrueAt(file.minMicros(), file.maxMicros(), predicate))
                .any(whole -> whole)
                .flatMap(whole -> whole ? remove(request) : readAndRewrite(request));
    }

    private Mono<RewriteOutcome> readAndRewrite(RewriteRequest request) {
        DataFile file = request.file();
        return Mono.usingWhen(
                        local.open(file.objectKey(), file.sizeBytes()),
                        pinned -> finder.rows(pinned.path(), request.schema(), request.predicates()),
                        pinned -> Mono.fromRunnable(pinned::close))
                .flatMap(rows -> {
                    if (rows.isEmpty()) {
                        return Mono.just(new RewriteOutcome(0, file));
                    }
                    return rows.cardinality() == file.rows() ? remove(request) : replace(request, rows);
                });
    }

    /**
     * How many rows of a file go by a predicate.
     *
     * @param schema columns of its measurement
     * @param deleted predicates of the rows that are deleted already, which are not counted
     * @return an error of the store or the engine
     */
    public Mono<Long> count(DataFile file, MeasurementSchema schema, String predicate, List<String> deleted) {
        return Mono.usingWhen(
                local.open(file.objectKey(), file.sizeBytes()),
                pinned -> finder.count(pinned.path(), schema, predicate, deleted),
                pinned -> Mono.fromRunnable(pinned::close));
    }

    private Mono<RewriteOutcome> remove(RewriteRequest request) {
        DataFile file = request.file();
        FileChange change = new FileChange(
                newId(), request.table(), List.of(), List.of(file.objectKey()), request.lease(), request.deletes());
        return KnownOutcome.of(catalog.change(change)).thenReturn(new RewriteOutcome(file.rows(), null));
    }

    private Mono<RewriteOutcome> replace(RewriteRequest request, BitSet rows) {
        DataFile file = request.file();
        Partition hour =
                new Partition(request.table(), PartitionTier.HOUR, PartitionTier.HOUR.startOf(file.minMicros()));
        return step.run(new MergeRequest(
                        newId(),
                        hour,
                        request.schema(),
                        List.of(file),
                        List.of(rows),
                        request.deletes(),
                        Duplicates.KEPT,
                        memoryBytes,
                        request.lease(),
                        written -> {}))
                .map(done -> new RewriteOutcome(rows.cardinality(), done.output()));
    }

    private static String newId() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    /** Waits until no worker writes any more, at most that long. Blocks. */
    void awaitQuiet(Duration patience) {
        step.awaitQuiet(patience);
    }

    /** Closes the engine that finds rows. Blocks. */
    @Override
    public void close() {
        finder.close();
    }
}
