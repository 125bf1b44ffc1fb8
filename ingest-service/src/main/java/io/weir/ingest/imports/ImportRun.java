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
import io.weir.ingest.decode.RowEnds;
import io.weir.ingest.schema.DatabaseSchemas;
import io.weir.ingest.wal.WalAck;
import io.weir.ingest.wal.WalAppend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
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
    private static final int LOOKAHEAD = 8;

    private final IngestService ingest;
    private final ImportFiles files;
    private final ImportSettings settings;
    private final WeirSchedulers schedulers;
    private final Clock clock;
    private final Consumer<ImportJob> progress;
    private final BooleanSupplier stopped;
    private final byte[] buffer;
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
        this.buffer = new byte[(int) settings.chunk().toBytes() + LOOKAHEAD];
    }

    private record Opened(FileChannel file, ImportReader reader) {}

    private record Piece(long from, int line, int bytes) {}

    /** Runs to the end of the file; fails with what ended it earlier. */
    Mono<Void> run() {
        return ingest.schemas()
                .open(job.request().databaseId())
                .flatMap(schemas -> Mono.usingWhen(
                        Mono.fromCallable(this::open).subscribeOn(schedulers.io()),
                        opened -> pieces(opened, schemas),
                        opened -> Mono.fromCallable(() -> close(opened.file())).subscribeOn(schedulers.io())));
    }

    private Opened open() throws IOException {
        int length = ImportFiles.head(files.data(job.id()), buffer);
        ImportReader reader = job.request().format().open(job.request(), buffer, headLength(length));
        if (job.progress().offset() < reader.headerBytes()) {
            int lines = RowEnds.newlines(buffer, 0, reader.headerBytes());
            job = job.at(new ImportProgress(reader.headerBytes(), 1 + lines, 0, 0));
        }
        return new Opened(FileChannel.open(files.data(job.id()), StandardOpenOption.READ), reader);
    }

    private int headLength(int length) {
        return Math.min(length, (int) settings.chunk().toBytes());
    }

    private static boolean close(FileChannel file) throws IOException {
        file.close();
        return true;
    }

    private Mono<Void> pieces(Opened opened, DatabaseSchemas schemas) {
        return Mono.defer(() -> piece(opened, schemas))
                .repeat(() -> job.progress().offset() < job.fileBytes())
                .then();
    }

    private Mono<Void> piece(Opened opened, DatabaseSchemas schemas) {
        if (job.progress().offset() >= job.fileBytes()) {
            return Mono.empty();
        }
        return Mono.fromCallable(() -> read(opened))
                .subscribeOn(schedulers.io())
                .flatMap(piece -> Mono.defer(() -> store(opened.reader(), piece, schemas))
                        .retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_BACKOFF)
                                .maxBackoff(LONGEST_BACKOFF)
                                .filter(ImportRun::mayPass)));
    }

    private Piece read(Opened opened) throws IOException {
        requireRunning();
        long from = job.progress().offset();
        int bytes = ImportFiles.read(opened.file(), from, ByteBuffer.wrap(buffer, 0, (int)
                settings.chunk().toBytes()));
        boolean last = from + bytes == job.fileBytes();
        int end = last ? bytes : opened.reader().rowsEnd(buffer, bytes);
        if (end == 0) {
            throw new WeirException(
                    CommonError.INVALID_REQUEST,
                    "the row at line " + job.progress().line() + " is longer than "
                            + settings.chunk().toBytes() + " bytes (weir.import.chunk)");
        }
        return new Piece(from, job.progress().line(), end);
    }

    private void requireRunning() {
        if (stopped.getAsBoolean()) {
            throw new CancellationException("the import is to stop");
        }
    }

    /** One attempt to store a piece. Nothing is stored when it fails, except where the log cannot say. */
    private Mono<Void> store(ImportReader reader, Piece piece, DatabaseSchemas schemas) {
        requireRunning();
        MemoryBudget budget = ingest.budget();
        if (budget.usedBytes() > budget.limitBytes() * YIELD_ABOVE) {
            return Mono.error(new WeirException(CommonError.OVERLOADED, "live writes need the memory"));
        }
        Reservation memory = budget.reserve(settings.chunk().toBytes());
        return Mono.fromCallable(() -> decode(reader, piece, schemas, memory))
                .subscribeOn(schedulers.decode())
                .flatMap(rows -> append(piece, rows, schemas))
                .doFinally(signal -> memory.close());
    }

    private DecodedWrite decode(ImportReader reader, Piece piece, DatabaseSchemas schemas, Reservation memory) {
        DecodeLimits standard = DecodeLimits.DEFAULT;
        DecodeLimits limits = new DecodeLimits(
                standard.maxLineBytes(), standard.maxColumns(), settings.maxErrors(), standard.maxBatchBytes());
        long receiveNanos = TimeUnit.MILLISECONDS.toNanos(job.createdMillis());
        DecodedWrite rows = reader.decode(
                buffer,
                piece.bytes(),
                new DecodeOptions(job.request().precision(), receiveNanos, schemas::find, limits, memory::grow),
                piece.line());
        if (rows.rejectedRows() > 0 && !job.request().acceptPartial()) {
            throw new WeirException(
                    CommonError.INVALID_REQUEST,
                    rows.errors().get(0).message() + "; accept_partial is false, so the import ends here");
        }
        return rows;
    }

    private Mono<Void> append(Piece piece, DecodedWrite rows, DatabaseSchemas schemas) {
        ImportProgress before = job.progress();
        ImportProgress after = new ImportProgress(
                piece.from() + piece.bytes(),
                piece.line() + RowEnds.newlines(buffer, 0, piece.bytes()),
                before.rowsStored() + rows.acceptedRows(),
                before.rowsRejected() + rows.rejectedRows());
        ImportJob described = job.with(rows.errors(), settings.maxErrors());
        Mono<Void> stored = rows.batches().isEmpty()
                ? Mono.empty()
                : ingest.schemas()
                        .admit(schemas, rows.batches())
                        .then(Mono.defer(() -> ingest.append(new WalAppend(
                                schemas.database(),
                                rows.batches(),
                                WalAck.SYNCED,
                                after.key(job.id(), piece.from(), clock.millis())))));
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
