package io.weir.ingest.imports;

import io.weir.common.error.CommonError;
import io.weir.common.error.ErrorKind;
import io.weir.common.error.WeirException;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.memory.Reservation;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestService;
import io.weir.ingest.decode.DecodeLimits;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.schema.DatabaseSchemas;
import io.weir.ingest.wal.WalAck;
import io.weir.ingest.wal.WalAppend;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * The run of one import: piece by piece, each read, decoded, logged together with the progress it makes, and published
 * like the rows of a request. What has no room waits and tries again, and no piece is begun while live writes hold half of
 * the memory. Steps follow one another, so its fields need no lock.
 */
final class ImportRun {

    private static final double YIELD_ABOVE = 0.5;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

    private final IngestService ingest;
    private final ImportFiles files;
    private final ImportSettings settings;
    private final WeirSchedulers schedulers;
    private final Clock clock;
    private final Consumer<ImportJob> progress;
    private final BooleanSupplier stopped;
    private ImportJob job;

    /** @param stopped asked before each piece whether to stop; a run that stops leaves its job as it is */
    ImportRun(
            ImportJob job,
            IngestService ingest,
            ImportFiles files,
            ImportSettings settings,
            WeirSchedulers schedulers,
            Clock clock,
            Consumer<ImportJob> progress,
            BooleanSupplier stopped) {
        this.job = job;
        this.ingest = ingest;
        this.files = files;
        this.settings = settings;
        this.schedulers = schedulers;
        this.clock = clock;
        this.progress = progress;
        this.stopped = stopped;
    }

    /** Runs to the end of the file; fails with what ended it earlier. */
    Mono<Void> run() {
        return ingest.schemas()
                .open(job.request().databaseId())
                .flatMap(schemas -> Mono.usingWhen(
                        Mono.fromCallable(this::open).subscribeOn(schedulers.io()),
                        source -> pieces(source, schemas),
                        source -> Mono.fromCallable(() -> close(source)).subscribeOn(schedulers.io())));
    }

    private ImportSource open() throws IOException {
        ImportSource source = job.request().format().open(job.request(), files.data(job.id()), settings);
        job = job.at(source.start(job.progress()));
        return source;
    }

    private static boolean close(ImportSource source) throws IOException {
        source.close();
        return true;
    }

    private Mono<Void> pieces(ImportSource source, DatabaseSchemas schemas) {
        return Mono.defer(() -> piece(source, schemas))
                .repeat(() -> !source.isDone(job.progress()))
                .then();
    }

    /** Stores the next piece. What has no room is loaded again too, which costs little beside the wait. */
    private Mono<Void> piece(ImportSource source, DatabaseSchemas schemas) {
        if (source.isDone(job.progress())) {
            return Mono.empty();
        }
        return Mono.fromCallable(() -> load(source))
                .subscribeOn(schedulers.io())
                .flatMap(from -> store(source, from, schemas))
                .retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_BACKOFF)
                        .maxBackoff(LONGEST_BACKOFF)
                        .filter(ImportRun::mayPass));
    }

    private ImportProgress load(ImportSource source) throws IOException {
        requireRunning();
        MemoryBudget budget = ingest.budget();
        if (budget.usedBytes() > budget.limitBytes() * YIELD_ABOVE) {
            throw new WeirException(CommonError.OVERLOADED, "live writes need the memory");
        }
        source.load(job.progress());
        return job.progress();
    }

    private void requireRunning() {
        if (stopped.getAsBoolean()) {
            throw new CancellationException("the import is to stop");
        }
    }

    /** One attempt to store a piece. Nothing is stored when it fails, except where the log cannot say. */
    private Mono<Void> store(ImportSource source, ImportProgress from, DatabaseSchemas schemas) {
        Reservation memory = ingest.budget().reserve(settings.chunk().toBytes());
        return Mono.fromCallable(() -> decode(source, from, schemas, memory))
                .subscribeOn(schedulers.decode())
                .flatMap(rows -> append(from, source.after(from, rows), rows, schemas))
                .doFinally(signal -> memory.close());
    }

    private DecodedWrite decode(ImportSource source, ImportProgress from, DatabaseSchemas schemas, Reservation memory) {
        DecodeLimits standard = DecodeLimits.DEFAULT;
        DecodeLimits limits = new DecodeLimits(
                standard.maxLineBytes(), standard.maxColumns(), settings.maxErrors(), standard.maxBatchBytes());
        long receiveNanos = TimeUnit.MILLISECONDS.toNanos(job.createdMillis());
        DecodedWrite rows = source.decode(
                from, new DecodeOptions(job.request().precision(), receiveNanos, schemas::find, limits, memory::grow));
        if (rows.rejectedRows() > 0 && !job.request().acceptPartial()) {
            throw new WeirException(
                    CommonError.INVALID_REQUEST,
                    rows.errors().get(0).message() + "; accept_partial is false, so the import ends here");
        }
        return rows;
    }

    private Mono<Void> append(ImportProgress before, ImportProgress after, DecodedWrite rows, DatabaseSchemas schemas) {
        ImportJob described = job.with(rows.errors(), settings.maxErrors());
        Mono<Void> stored = rows.batches().isEmpty()
                ? Mono.empty()
                : ingest.schemas()
                        .admit(schemas, rows.batches())
                        .then(Mono.defer(() -> ingest.append(new WalAppend(
                                schemas.database(),
                                rows.batches(),
                                WalAck.SYNCED,
                                after.key(job.id(), before.rows(), clock.millis())
                                        .part(Long.toString(before.rows()))))));
        return describe(described).then(stored).then(Mono.fromRunnable(() -> {
            job = described.at(after);
            progress.accept(job);
        }));
    }

    /** Errors are kept before the rows beside them are logged: behind those a resumed import does not look again. */
    private Mono<Void> describe(ImportJob described) {
        if (described.errors().size() == job.errors().size()) {
            return Mono.empty();
        }
        return Mono.<Void>fromCallable(() -> {
                    files.save(described);
                    return null;
                })
                .subscribeOn(schedulers.io());
    }

    private static boolean mayPass(Throwable failure) {
        return failure instanceof WeirException weir
                && (weir.code().kind() == ErrorKind.CAPACITY || weir.code().kind() == ErrorKind.EXTERNAL);
    }

    /** The job as far as it came. */
    ImportJob job() {
        return job;
    }
}
