package io.weir.ingest;

import io.weir.common.hot.FlushListener;
import io.weir.common.hot.HotArea;
import io.weir.common.hot.HotControl;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.limit.Quotas;
import io.weir.common.live.RowListener;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.memory.Reservation;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.admission.Admission;
import io.weir.ingest.admission.AdmissionSettings;
import io.weir.ingest.admission.RequestMemory;
import io.weir.ingest.buffer.BufferLimits;
import io.weir.ingest.buffer.BufferPart;
import io.weir.ingest.buffer.DeadlineClock;
import io.weir.ingest.buffer.IngestBuffers;
import io.weir.ingest.buffer.Unflushed;
import io.weir.ingest.flush.FlushLimits;
import io.weir.ingest.flush.Flusher;
import io.weir.ingest.flush.PartFlush;
import io.weir.ingest.idempotency.IdempotencySettings;
import io.weir.ingest.idempotency.WriteKeys;
import io.weir.ingest.schema.SchemaRegistry;
import io.weir.ingest.wal.LocalWalFileSystem;
import io.weir.ingest.wal.LoggedKey;
import io.weir.ingest.wal.RecoveryReport;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalFileSystem;
import io.weir.ingest.wal.WalSettings;
import io.weir.ingest.wal.WriteAheadLog;
import io.weir.ingest.wal.WriteKey;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.KeyClaims;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.parquet.DataFileOptions;
import io.weir.storage.parquet.DataFileWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The write path behind the edge: log, buffers, flush. Rows given to {@link #append} are durable and visible when it
 * completes, and are in files some seconds later. Starting replays the log and returns when everything acknowledged
 * before is visible again; stopping refuses new rows, flushes what it can within its patience, and leaves the rest in
 * the log. Thread-safe between start and stop.
 */
public final class IngestService implements HotRows, HotControl, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(IngestService.class);

    /** Small parts wait for the disk most of their time; large ones for the encoder, so these are bounded by bytes. */
    private static final int FLUSHES_AT_ONCE = 16;

    private static final int LARGE_FLUSHES_AT_ONCE = 2;
    private static final int LONGEST_BACKOFF = 120; // times the first
    private static final Duration CATALOG_PATIENCE = Duration.ofMinutes(1);

    /** How long committed flush ids are kept: longer than any query may run. */
    private static final Duration FLUSH_MEMORY = Duration.ofHours(1);

    private final Catalog catalog;
    private final ObjectStore store;
    private final Places places;
    private final WalFileSystem walFiles;
    private final Duration stopPatience;
    private final Duration flushTimeout;
    private final WalSettings walSettings;
    private final DataFileWriter writer;
    private final WeirSchedulers schedulers;
    private final Admission admission;
    private final SchemaRegistry schemas;
    private final WriteFence fence;
    private final IngestBuffers buffers;
    private final Flusher flusher;
    private final CatalogKeys archive;
    private final WriteKeys keys;
    private final int keysInMemory;
    private final RowIntake intake;
    private final IngestStages stages = new IngestStages();
    private final Clock time;
    private final AtomicBoolean forgettable = new AtomicBoolean();
    private volatile @Nullable PartFlush partFlush;
    private volatile @Nullable WriteAheadLog log;
    private volatile @Nullable DeadlineClock clock;
    private volatile @Nullable FlushPressure pressure;
    private volatile Quotas quotas = new Quotas(System::nanoTime);
    private volatile FlushListener flushListener = FlushListener.NONE;

    /**
     * Where the service keeps things.
     *
     * @param wal directory of the write-ahead log
     * @param work directory for files being written; emptied by whoever owns the data directory at start
     * @param keyPrefix prefix of object keys, may be empty
     */
    public record Places(Path wal, Path work, String keyPrefix) {}

    /** All settings of the write path behind the edge. */
    public record Settings(
            IngestSettings ingest,
            AdmissionSettings admission,
            IdempotencySettings idempotency,
            WalSettings wal,
            DataFileOptions files) {

        /** These, and defaults for everything else. */
        public static Settings of(IngestSettings ingest, WalSettings wal) {
            return new Settings(
                    ingest, AdmissionSettings.DEFAULT, IdempotencySettings.defaults(), wal, DataFileOptions.DEFAULT);
        }
    }

    /** A service with defaults for everything but these settings. */
    public IngestService(
            Catalog catalog,
            ObjectStore store,
            Places places,
            IngestSettings settings,
            WalSettings walSettings,
            WeirSchedulers schedulers,
            Clock time) {
        this(catalog, store, places, Settings.of(settings, walSettings), schedulers, time);
    }

    /** A service that does nothing until it is started. Owns neither the catalog, the store nor the schedulers. */
    public IngestService(
            Catalog catalog, ObjectStore store, Places places, Settings all, WeirSchedulers schedulers, Clock time) {
        this(catalog, store, places, new LocalWalFileSystem(places.wal()), all, schedulers, time);
    }

    /** A service whose log is in that file system. */
    IngestService(
            Catalog catalog,
            ObjectStore store,
            Places places,
            WalFileSystem walFiles,
            Settings all,
            WeirSchedulers schedulers,
            Clock time) {
        IngestSettings settings = all.ingest();
        this.walFiles = walFiles;
        this.stopPatience = settings.stopPatience();
        this.flushTimeout = settings.flushTimeout();
        this.writer = new DataFileWriter(all.files());
        this.catalog = catalog;
        this.store = store;
        this.places = places;
        this.walSettings = all.wal();
        this.schedulers = schedulers;
        this.time = time;
        this.admission = new Admission(
                settings.memoryBytes(), all.admission(), walSettings.maxQueue().toBytes(), this::refused);
        this.schemas = new SchemaRegistry(catalog, settings.autoCreate());
        this.fence = new WriteFence(schemas);
        this.flusher = new Flusher(
                this::flushPart,
                this::committed,
                new FlushLimits(
                        FLUSHES_AT_ONCE,
                        LARGE_FLUSHES_AT_ONCE * settings.flushSize().toBytes(),
                        settings.flushTimeout(),
                        settings.flushBackoff(),
                        settings.flushBackoff().multipliedBy(LONGEST_BACKOFF)));
        this.buffers = new IngestBuffers(
                time,
                new BufferLimits(
                        settings.flushAge(),
                        longer(settings.flushMaxAge(), settings.flushAge()),
                        settings.flushMinSize().toBytes(),
                        settings.flushSize().toBytes()),
                flusher::submit);
        this.archive = new CatalogKeys(catalog);
        this.keys = new WriteKeys(time, all.idempotency(), archive);
        this.keysInMemory = all.idempotency().capacity();
        this.intake = new RowIntake(buffers, admission, keys, this::relieveIfPressed);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    /** A request was refused for want of memory. */
    private void refused(String organisation) {
        FlushPressure watched = pressure;
        if (watched != null) {
            watched.refused(organisation);
        }
        relieveIfPressed(organisation);
    }

    /** Says that other processes store rows in the same catalog. To be called before the start. */
    public void shareKeys(KeyClaims claims) {
        archive.share(claims);
    }

    /** Tells that listener of every flush from now on; to be called before {@link #start}. */
    public void flushesTo(FlushListener listener) {
        flushListener = listener;
    }

    /** Tells that listener of every row that is acknowledged from now on; to be called before {@link #start}. */
    public void rowsTo(RowListener listener) {
        intake.tell(listener);
    }

    /** Opens the log and replays it. Blocks; to be called once, before any request. */
    public void start() {
        ReplayIntake replay =
                new ReplayIntake(catalog, schemas, buffers, intake, admission.process(), keys, this::began);
        log = WriteAheadLog.open(walFiles, walSettings, replay, intake, schedulers.decode());
        keys.replayEnded();
        archive.releaseUnknown(keys).block(CATALOG_PATIENCE);
        FlushPressure watched = new FlushPressure(
                admission, buffers, requireLog(), walSettings.maxSize().toBytes());
        pressure = watched;
        clock = new DeadlineClock(buffers, watched::relieve);
        RecoveryReport report = requireLog().recovery();
        report.messages().forEach(message -> LOG.warn("write-ahead log: {}", message));
        if (report.appends() > 0) {
            LOG.info(
                    "write-ahead log: {} rows are visible again, {} batches were in files already",
                    replay.replayedRows(),
                    replay.skippedBatches());
        }
    }

    private void began(UUID walId) {
        archive.began(walId.toString());
        Map<DatabaseId, List<LoggedKey>> known =
                Objects.requireNonNull(archive.newest(keysInMemory).block(CATALOG_PATIENCE), "a collected map");
        keys.restore(known, known.values().stream().mapToInt(List::size).sum() < keysInMemory);
        partFlush = new PartFlush(
                schemas,
                writer,
                store,
                catalog,
                walId.toString(),
                places.keyPrefix(),
                places.work(),
                schedulers.flush(),
                flushTimeout);
    }

    /**
     * Logs rows and makes them visible.
     *
     * @return completes when that is done; an error {@code overloaded} or {@code storage-unavailable} when it is not.
     *     Cancelling does not undo it
     */
    public Mono<Void> append(WalAppend append) {
        return Mono.defer(() ->
                append(append, admission.claim(append.database().organisation(), append.sizeBytes(), admission.log())));
    }

    /** Logs the rows of a request, whose memory goes with them. */
    public Mono<Void> append(WalAppend append, RequestMemory request) {
        return Mono.defer(() -> append(append, request.handOver(append.sizeBytes())));
    }

    /** The memory is the log's from here on, whether or not anybody waits for the end. */
    private Mono<Void> append(WalAppend append, Reservation memory) {
        quotas.stored(append.database().organisation(), append.rows());
        Mono<Void> logged = fence.pass(append, requireLog().append(append.heldBy(memory)))
                .doOnError(e -> {
                    memory.close();
                    relieveIfPressed(append.database().organisation()); // a full log takes no append that would ask
                });
        WriteKey key = append.key();
        return key == null ? logged.cache() : keys.once(append.database(), key, logged);
    }

    /** From now on rows that are logged count there. */
    public void countBy(Quotas counted) {
        quotas = counted;
    }

    /** Where what organisations send counts. */
    public Quotas quotas() {
        return quotas;
    }

    /** What is to be flushed and not in files yet. */
    public Unflushed unflushed() {
        return buffers.unflushed();
    }

    /** Flushes every row acknowledged so far; completes when the catalog has them. Cancelling only stops waiting. */
    public Mono<Void> flush() {
        return Mono.defer(buffers::flushed).subscribeOn(schedulers.decode());
    }

    @Override
    public Mono<Void> flush(HotArea area) {
        return Mono.defer(() -> buffers.flushed(table -> area.holds(table.databaseId(), table.measurement())))
                .subscribeOn(schedulers.decode());
    }

    @Override
    public Mono<Void> close(HotArea area, Duration time) {
        return fence.close(area, time).then(flush(area));
    }

    @Override
    public Mono<Void> reopen(HotArea area) {
        return Mono.fromRunnable(() -> fence.reopen(area));
    }

    private void relieveIfPressed(String organisation) {
        FlushPressure watched = pressure;
        DeadlineClock running = clock;
        if (watched != null && running != null && watched.isHigh(organisation)) {
            running.wake();
        }
    }

    private Mono<Void> flushPart(BufferPart part) {
        PartFlush flush = Objects.requireNonNull(partFlush, "a part was sealed before the log was opened");
        return Mono.defer(() -> {
            long start = System.nanoTime();
            return Mono.<Void>fromRunnable(
                            () -> flushListener.flushing(part.table(), part.flushId(), part.columnBatches()))
                    .subscribeOn(schedulers.flush())
                    .then(Mono.defer(() -> flush.flush(part)))
                    .doOnSuccess(done -> stages.flushEnded(true, start))
                    .doOnError(e -> stages.flushEnded(false, start));
        });
    }

    private void committed(BufferPart part) {
        part.keys().forEach(key -> keys.archived(part.table().databaseId(), key));
        buffers.drop(part);
        forgettable.set(true);
        LOG.debug("flush {} of {}: {} rows are in files", part.flushId(), part.table(), part.rows());
    }

    /** {@link #forgetOld} if something was committed since it last succeeded. */
    Mono<Void> forgetOldIfAny() {
        return Mono.defer(() -> forgettable.compareAndSet(true, false)
                ? forgetOld().doOnError(e -> forgettable.set(true)).doOnCancel(() -> forgettable.set(true))
                : Mono.empty());
    }

    /** Lets the catalog forget what neither replay nor a running query can ask about; an error when some of it failed. */
    Mono<Void> forgetOld() {
        WriteAheadLog open = log;
        if (open == null) {
            return Mono.empty(); // still replaying
        }
        String walId = open.walId().toString();
        long oldest = open.oldestSequence();
        Instant now = time.instant();
        return Flux.concatDelayError(
                        forgotten("flushes", catalog.forgetFlushes(walId, oldest, now.minus(FLUSH_MEMORY))),
                        forgotten("changes", catalog.forgetChanges(now.minus(FLUSH_MEMORY))),
                        forgotten("expired keys", catalog.forgetIdempotencyKeys(now)),
                        forgotten("claims of keys", archive.forgetEnded()),
                        Flux.fromIterable(keys.oldPieces(oldest))
                                .concatMapDelayError(old -> forgotten(
                                        "keys of pieces",
                                        catalog.forgetIdempotencyKeys(
                                                        old.database(), old.prefix(), walId, old.beforeSequence())
                                                .doOnSuccess(count -> keys.forgotten(old)))))
                .then();
    }

    private static Mono<Void> forgotten(String what, Mono<Long> work) {
        return work.doOnNext(count -> LOG.debug("the catalog forgot {} old {}", count, what))
                .then();
    }

    @Override
    public Mono<List<HotPart>> snapshot(TableId table, HotHold hold) {
        return buffers.snapshot(table, hold);
    }

    /** Measurements that have, or had, hot rows in this process. */
    public Set<TableId> hotTables() {
        return buffers.tables();
    }

    @Override
    public Mono<String> version(TableId table) {
        return buffers.version(table);
    }

    /** The schemas rows are decoded against. */
    public SchemaRegistry schemas() {
        return schemas;
    }

    /** The keys of writes that are not to be stored twice. */
    public WriteKeys keys() {
        return keys;
    }

    /** What bodies, logged rows and buffered rows may hold together. */
    public MemoryBudget budget() {
        return admission.process();
    }

    /** How long the stages take. */
    public IngestStages stages() {
        return stages;
    }

    /** Why rows cannot be logged; empty when they can, as far as is known. */
    public String logProblem() {
        WriteAheadLog open = log;
        return open != null && open.isFailing() ? "the write-ahead log cannot write to its disk" : "";
    }

    /** What health tells of the log and of rows on their way to files. */
    public Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        WriteAheadLog open = log;
        if (open != null) {
            details.put("walLagBytes", open.liveBytes());
            details.put("walSegments", open.segments());
            details.put("walQueuedAppends", open.queuedAppends());
            details.put("walLastSyncMillis", open.lastSync().toMillis());
            details.put("walFailures", open.failures());
        }
        details.put("bufferedBytes", buffers.openBytes() + buffers.sealedBytes());
        details.put("bufferLimitBytes", admission.bufferLimitBytes());
        details.put("memoryUsedBytes", admission.process().usedBytes());
        details.put("memoryLimitBytes", admission.process().limitBytes());
        details.put("unfinishedFlushes", flusher.unfinished());
        details.put("failedFlushes", flusher.failures());
        return details;
    }

    /** Takes less while memory is short, and flushes what it holds. */
    public void pressed(boolean high) {
        admission.press(high);
        FlushPressure watched = pressure;
        DeadlineClock running = clock;
        if (high && watched != null && running != null) {
            running.wake();
        }
    }

    /** Who gets in. */
    public Admission admission() {
        return admission;
    }

    /** Rows on their way to files, for metrics. */
    IngestBuffers buffers() {
        return buffers;
    }

    /** What flushes parts, for metrics. */
    Flusher flusher() {
        return flusher;
    }

    /** The log once it is open, for metrics. */
    @Nullable
    WriteAheadLog log() {
        return log;
    }

    private WriteAheadLog requireLog() {
        return Objects.requireNonNull(log, "the ingest service is not started");
    }

    /** Stops once no new rows come: flushes in bounded time, then closes the log. What is not in files by then is replayed at the next start. */
    @Override
    public void close() {
        DeadlineClock running = clock;
        WriteAheadLog open = log;
        if (running == null || open == null) {
            return;
        }
        clock = null;
        running.close();
        try {
            flush().block(stopPatience);
        } catch (RuntimeException e) {
            LOG.warn("not everything could be flushed; the write-ahead log keeps the rest", e);
        } finally {
            flusher.close();
            open.close();
            writer.close();
        }
    }
}
