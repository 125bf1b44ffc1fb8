package io.weir.ingest.compaction.run;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.stats.FileTags;
import io.weir.ingest.compaction.plan.Arrival;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.FileChange;
import io.weir.storage.catalog.KnownOutcome;
import io.weir.storage.object.LocalFiles;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.StorageKeys;
import io.weir.storage.parquet.DataFileStats;
import io.weir.storage.parquet.DataFileWriter;
import io.weir.storage.parquet.merging.FileMerge;
import io.weir.storage.parquet.merging.MergeError;
import io.weir.storage.parquet.merging.MergeInput;
import io.weir.storage.parquet.merging.MergeJob;
import io.weir.storage.parquet.merging.MergeResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Merges files and puts the output in their place.
 *
 * <pre>
 *   pin the inputs ─ merge into a file of the work directory ─ put it ─ change the catalog (lease, inputs, output: one transaction)
 * </pre>
 *
 * Whatever ends this before the change leaves the catalog as it was, and at most an object that no commit names, which goes
 * as orphans go. After it the inputs are condemned, and removed when no reader sees them. Thread-safe.
 */
public final class MergeStep {

    private static final Logger LOG = LoggerFactory.getLogger(MergeStep.class);

    private final Catalog catalog;
    private final ObjectStore store;
    private final LocalFiles local;
    private final FileMerge merge;
    private final String keyPrefix;
    private final Path workDirectory;
    private final Scheduler workers;
    private final Scheduler io;
    private final int parallelism;
    private final Semaphore working;

    /**
     * Steps over these parts of the house.
     *
     * @param writer closed by whoever made it
     * @param workDirectory where files are written before they are put
     * @param workers where files are merged
     * @param io for short work with files
     * @param parallelism most merges at once
     */
    public MergeStep(
            Catalog catalog,
            ObjectStore store,
            LocalFiles local,
            DataFileWriter writer,
            int rowGroupRows,
            String keyPrefix,
            Path workDirectory,
            Scheduler workers,
            Scheduler io,
            int parallelism) {
        this.catalog = catalog;
        this.store = store;
        this.local = local;
        this.merge = new FileMerge(writer, rowGroupRows);
        this.keyPrefix = keyPrefix;
        this.workDirectory = workDirectory;
        this.workers = workers;
        this.io = io;
        this.parallelism = parallelism;
        this.working = new Semaphore(parallelism);
    }

    /**
     * Makes one merge.
     *
     * @return an error {@link InputFailure} when an input is missing or damaged; those of the store, the catalog and {@link
     *     FileMerge}. The catalog is changed or it is not
     */
    public Mono<MergeOutcome> run(MergeRequest request) {
        Path file = workDirectory.resolve("compaction-" + request.id() + ".parquet");
        return Mono.usingWhen(
                Mono.fromSupplier(Pins::new),
                pins -> pinAll(request, pins)
                        .then(Mono.defer(() -> merged(request, pins, file)))
                        .flatMap(result -> publish(request, result, file)),
                pins -> Mono.fromCallable(() -> {
                            pins.close();
                            return Files.deleteIfExists(file);
                        })
                        .subscribeOn(io));
    }

    private Mono<Void> pinAll(MergeRequest request, Pins pins) {
        return Flux.fromIterable(request.inputs())
                .concatMap(
                        input -> local.open(input.objectKey(), input.sizeBytes())
                                .doOnNext(pins::add)
                                .onErrorMap(MergeStep::isLost, e -> new InputFailure(input.objectKey(), e)),
                        1)
                .then();
    }

    private static boolean isLost(Throwable failure) {
        return failure instanceof WeirException weir
                && (weir.code() == ObjectStoreError.OBJECT_MISSING || weir.code() == ObjectStoreError.OBJECT_DAMAGED);
    }

    private Mono<MergeResult> merged(MergeRequest request, Pins pins, Path file) {
        List<MergeInput> inputs = new ArrayList<>();
        for (int i = 0; i < request.inputs().size(); i++) {
            DataFile input = request.inputs().get(i);
            inputs.add(
                    request.left().isEmpty()
                            ? new MergeInput(pins.path(i), input.objectKey(), input.rows())
                            : new MergeInput(
                                    pins.path(i),
                                    input.objectKey(),
                                    input.rows(),
                                    request.left().get(i)));
        }
        MergeJob job = new MergeJob(
                request.partition().table().measurement(),
                request.schema(),
                inputs,
                request.duplicates(),
                request.memoryBytes(),
                file,
                Map.of(DataFileWriter.FLUSH_ID_KEY, request.id()),
                request.progress());
        return onWorker(job).onErrorMap(failure -> blamed(failure, request.inputs()));
    }

    /** A cancel interrupts the worker; what it then fails of concerns nobody. */
    private Mono<MergeResult> onWorker(MergeJob job) {
        return Mono.create(sink -> {
            AtomicBoolean left = new AtomicBoolean();
            Disposable work = workers.schedule(() -> {
                try {
                    sink.success(mergeHere(job));
                } catch (InterruptedException | RuntimeException | Error failure) {
                    if (left.get()) {
                        LOG.debug("a merge was cancelled", failure);
                    } else {
                        sink.error(failure);
                    }
                }
            });
            sink.onCancel(() -> {
                left.set(true);
                work.dispose();
            });
        });
    }

    private MergeResult mergeHere(MergeJob job) throws InterruptedException {
        working.acquire();
        try {
            return merge.merge(job);
        } catch (OutOfMemoryError e) {
            throw new WeirException(
                    CommonError.INTERNAL,
                    "there was no memory to merge " + job.inputs().size() + " files of measurement \""
                            + job.measurement() + "\" (expected: " + job.memoryBytes() + " bytes)",
                    e);
        } finally {
            working.release();
        }
    }

    private static Throwable blamed(Throwable failure, List<DataFile> inputs) {
        return failure instanceof WeirException weir
                        && weir.code() == MergeError.INPUT_DAMAGED
                        && weir.context().get("input") instanceof Integer index
                ? new InputFailure(inputs.get(index).objectKey(), weir)
                : failure;
    }

    private Mono<MergeOutcome> publish(MergeRequest request, MergeResult result, Path file) {
        List<DataFile> replaced = request.inputs().subList(0, result.inputs());
        DataFileStats stats = result.output();
        String key = StorageKeys.dataFile(
                keyPrefix,
                request.partition().table(),
                request.partition().startMicros(),
                Arrival.mergedId(replaced.get(replaced.size() - 1), request.id()),
                0);
        DataFile output = new DataFile(
                key,
                stats.minTimeMicros(),
                stats.maxTimeMicros(),
                stats.rows(),
                stats.bytes(),
                FileTags.of(stats.tags()));
        FileChange change = new FileChange(
                request.id(),
                request.partition().table(),
                List.of(output),
                replaced.stream().map(DataFile::objectKey).toList(),
                request.lease(),
                request.deletes());
        return store.put(key, file)
                .then(KnownOutcome.of(Mono.defer(() -> catalog.change(change))))
                .thenReturn(new MergeOutcome(replaced, output));
    }

    /** Waits until no worker merges any more, at most that long. Blocks. */
    public void awaitQuiet(Duration patience) {
        try {
            if (working.tryAcquire(parallelism, patience.toMillis(), TimeUnit.MILLISECONDS)) {
                working.release(parallelism);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
