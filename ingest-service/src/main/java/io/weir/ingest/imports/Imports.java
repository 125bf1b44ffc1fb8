package io.weir.ingest.imports;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestService;
import io.weir.ingest.idempotency.KeyClaim;
import io.weir.ingest.imports.ImportRoster.Entry;
import io.weir.ingest.wal.LoggedKey;
import io.weir.ingest.wal.WriteKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The imports of a process: files that arrive, wait, run, and have ended.
 *
 * <pre>
 *   body ──▶ spool file ──▶ queue (bounded) ──▶ ImportRun, a few at once ──▶ finished, listed for a while
 *                                                    ▲
 *   start: jobs that had not ended, from where the log says they were
 * </pre>
 *
 * <p>Thread-safe.
 */
public final class Imports implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Imports.class);
    private static final long STOP_SECONDS = 10;

    /** Keeps keys of imports apart from those of writes, and begins with a character that no client may send. */
    private static final String KEY_PREFIX = "\u0001imports/";

    private final IngestService ingest;
    private final ImportSettings settings;
    private final ImportFiles files;
    private final WeirSchedulers schedulers;
    private final Clock clock;
    private final ImportRoster roster = new ImportRoster();
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private int arriving;
    private int running;
    private @Nullable CountDownLatch stopping;

    /** @param directory where files and jobs are kept, unless the settings say otherwise */
    public Imports(
            IngestService ingest, ImportSettings settings, Path directory, WeirSchedulers schedulers, Clock clock) {
        this.ingest = ingest;
        this.settings = settings;
        Path configured = settings.directory();
        this.files = new ImportFiles(configured == null ? directory : configured);
        this.schedulers = schedulers;
        this.clock = clock;
    }

    /** Takes up what an earlier process left. Blocks; to be called once, after the log was replayed. */
    public void start() {
        List<ImportJob> jobs = new ArrayList<>(files.open());
        jobs.sort(Comparator.comparingLong(ImportJob::createdMillis));
        synchronized (this) {
            for (ImportJob job : jobs) {
                boolean finished = job.state().isFinished();
                Entry entry = roster.add(finished ? job : resumed(job));
                if (finished) {
                    ended(job);
                } else {
                    waiting.add(entry);
                }
            }
        }
        startWaiting();
    }

    private ImportJob resumed(ImportJob job) {
        LoggedKey logged = ingest.keys().find(job.request().databaseId(), ImportProgress.keyText(job.id()));
        ImportProgress from = logged == null ? ImportProgress.START : ImportProgress.of(logged.key());
        LOG.info("import {} goes on at byte {} of {}", job.id(), from.offset(), job.fileBytes());
        return job.resumed(from);
    }

    /**
     * Takes a file in; completes when it is on disk and queued. Fails with {@code overloaded} when too many are there,
     * {@code insufficient-storage}, {@code body-too-large}, {@code invalid-request} when it is not of its format.
     * Cancelling forgets the file.
     */
    Mono<ImportJob> take(ImportRequest request, ImportBody body) {
        return take(request, body, null);
    }

    /**
     * As {@link #take}, but once a key: while the job of an earlier request with the key is remembered, its job is the
     * answer. Fails with {@code idempotency-key-reused} when that request was another one, and with {@code
     * idempotency-key-in-progress} when its file does not stop arriving.
     *
     * @param requestLine part of what makes two requests the same
     */
    Mono<Taken> takeOnce(ImportRequest request, String key, String requestLine, ImportBody body) {
        return Mono.defer(() -> {
            String text = KEY_PREFIX + key;
            KeyClaim claim = ingest.keys().claim(request.databaseId(), text, requestLine);
            return claim.acquire()
                    .then(Mono.defer(() -> {
                        Entry first = roster.keyed(request.databaseId(), text);
                        return first == null
                                ? take(request, body, claim).map(job -> new Taken(job, false))
                                : repeated(first, claim, body);
                    }))
                    .doFinally(signal -> claim.close());
        });
    }

    private Mono<Taken> repeated(Entry first, KeyClaim claim, ImportBody body) {
        return body.requireRepeat(schedulers.io(), claim, Objects.requireNonNull(first.job.key()))
                .then(Mono.fromCallable(() -> new Taken(first.job, true)));
    }

    /** @param earlier whether an earlier request sent the file */
    record Taken(ImportJob job, boolean earlier) {}

    /** The key as its client sent it. */
    static String clientKey(WriteKey key) {
        return key.text().substring(KEY_PREFIX.length());
    }

    private Mono<ImportJob> take(ImportRequest request, ImportBody body, @Nullable KeyClaim claim) {
        return Mono.defer(() -> {
            AtomicBoolean counted = new AtomicBoolean(true);
            enter();
            return Mono.usingWhen(
                            Mono.fromCallable(() -> ImportSpool.open(
                                            files,
                                            settings,
                                            body.encoding(),
                                            body.length(),
                                            claim == null ? null : claim.fingerprint()))
                                    .subscribeOn(schedulers.io()),
                            spool -> body.read(schedulers.io(), spool::accept)
                                    .then(Mono.defer(() -> accept(request, spool, counted, claim))),
                            spool -> Mono.<Void>fromRunnable(spool::close).subscribeOn(schedulers.io()))
                    .doFinally(signal -> leave(counted));
        });
    }

    private synchronized void enter() {
        if (stopping != null) {
            throw new WeirException(CommonError.SHUTTING_DOWN, "the server is stopping and takes no more files");
        }
        if (arriving + waiting.size() >= settings.queue()) {
            throw new WeirException(
                    CommonError.OVERLOADED,
                    arriving + waiting.size() + " files arrive or wait already (weir.import.queue); try again later");
        }
        arriving++;
    }

    private synchronized void leave(AtomicBoolean counted) {
        arriving -= counted.getAndSet(false) ? 1 : 0;
    }

    private Mono<ImportJob> accept(
            ImportRequest request, ImportSpool spool, AtomicBoolean counted, @Nullable KeyClaim claim) {
        try {
            long bytes = spool.finish();
            request.format().open(request, files.arriving(spool.id()), settings).close();
            if (claim == null) {
                return Mono.just(queue(ImportJob.queued(spool.id(), request, null, bytes, clock.millis()), counted));
            }
            // From here on the key is held until the job is there or is not, whether the client waits for it or not.
            WriteKey key = claim.handOver("");
            ImportJob job = ImportJob.queued(spool.id(), request, key, bytes, clock.millis());
            return ingest.keys()
                    .once(
                            request.databaseId(),
                            key,
                            Mono.fromCallable(() -> queue(job, counted)).then())
                    .thenReturn(job);
        } catch (IOException e) {
            return Mono.error(e);
        }
    }

    private ImportJob queue(ImportJob job, AtomicBoolean counted) throws IOException {
        files.accept(job);
        synchronized (this) {
            waiting.add(roster.add(job));
            leave(counted); // before the answer, so that whoever has it finds room for the next file
        }
        startWaiting();
        return job;
    }

    private void startWaiting() {
        for (Entry next = next(); next != null; next = next()) {
            start(next);
        }
        forgetOld();
    }

    private synchronized @Nullable Entry next() {
        if (stopping != null || running >= settings.concurrent()) {
            return null;
        }
        Entry next = waiting.poll();
        running += next == null ? 0 : 1;
        return next;
    }

    private void start(Entry entry) {
        entry.job = entry.job.running(clock.millis());
        ImportRun run = new ImportRun(
                entry.job,
                ingest,
                files,
                settings,
                schedulers,
                clock,
                job -> entry.job = job,
                () -> entry.cancelled || isStopping());
        run.run()
                .then(Mono.fromCallable(
                        () -> entry.job = run.job().finished(ImportState.SUCCEEDED, null, clock.millis())))
                .onErrorResume(e -> Mono.fromCallable(() -> entry.job = ended(entry, run.job(), e)))
                .publishOn(schedulers.io())
                .doOnNext(this::keep)
                .doFinally(signal -> ended())
                .subscribe(
                        job -> LOG.info(
                                "import {} {}: {} rows stored, {} rejected",
                                job.id(),
                                job.state().word(),
                                job.progress().rowsStored(),
                                job.progress().rowsRejected()),
                        e -> LOG.error("import {} has ended, but its state cannot be kept", entry.job.id(), e));
    }

    private ImportJob ended(Entry entry, ImportJob job, Throwable failure) {
        if (entry.cancelled) {
            return job.finished(ImportState.CANCELLED, null, clock.millis());
        }
        if (isStopping()) {
            return job; // the next start goes on with it
        }
        String why = failure instanceof WeirException weir ? weir.detail() : "an unexpected error; the log has it";
        LOG.warn("import {} failed", job.id(), failure);
        return job.finished(ImportState.FAILED, why, clock.millis());
    }

    private void keep(ImportJob job) {
        try {
            files.save(job);
        } catch (IOException e) {
            throw new WeirException(CommonError.STORAGE_UNAVAILABLE, "the state of an import cannot be written", e);
        }
        if (job.state().isFinished()) {
            ended(job);
        }
    }

    /** Gives up what only a job that goes on needs. */
    private void ended(ImportJob job) {
        ingest.keys().ended(job.request().databaseId(), ImportProgress.keyText(job.id()));
        try {
            files.removeData(job.id());
        } catch (IOException e) {
            LOG.warn("the file of import {} cannot be removed; the next start tries again", job.id(), e);
        }
    }

    private void ended() {
        CountDownLatch latch;
        synchronized (this) {
            running--;
            latch = running == 0 ? stopping : null;
        }
        if (latch != null) {
            latch.countDown();
        }
        startWaiting();
    }

    /** Forgets finished jobs that are too old or too many. */
    private void forgetOld() {
        long oldest = clock.millis() - settings.keep().toMillis();
        for (String id : roster.removeOld(oldest, settings.keptJobs())) {
            try {
                files.removeJob(id);
            } catch (IOException e) {
                LOG.warn("the state of import {} cannot be removed", id, e);
            }
        }
    }

    /** The jobs of an organisation, latest first. */
    List<ImportJob> list(String organisation) {
        return roster.list(organisation);
    }

    /** That job, when it is the organisation's. */
    Optional<ImportJob> find(String organisation, String id) {
        return roster.find(organisation, id).map(entry -> entry.job);
    }

    /** Stops a job behind the piece at hand; rows stored stay. Does nothing to one that has ended. */
    Mono<ImportJob> cancel(String organisation, String id) {
        return Mono.fromCallable(() -> {
                    Entry entry = roster.find(organisation, id).orElseThrow(() -> unknown(id));
                    boolean waited;
                    synchronized (this) {
                        waited = waiting.remove(entry);
                    }
                    entry.cancelled = true;
                    if (waited) {
                        entry.job = entry.job.finished(ImportState.CANCELLED, null, clock.millis());
                        keep(entry.job);
                    }
                    return entry.job;
                })
                .subscribeOn(schedulers.io());
    }

    static WeirException unknown(String id) {
        return new WeirException(CommonError.NOT_FOUND, "there is no import " + Names.printable(id));
    }

    private synchronized boolean isStopping() {
        return stopping != null;
    }

    /** Stops runs behind the piece at hand; the next start goes on with them. */
    @Override
    public void close() {
        CountDownLatch latch;
        synchronized (this) {
            if (stopping != null) {
                return;
            }
            latch = new CountDownLatch(running == 0 ? 0 : 1);
            stopping = latch;
        }
        try {
            if (!latch.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("an import did not stop within {} s; the next start goes on with it", STOP_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
