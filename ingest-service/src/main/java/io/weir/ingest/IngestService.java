package io.weir.ingest;

import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.model.TableId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.buffer.BufferLimits;
import io.weir.ingest.buffer.BufferPart;
import io.weir.ingest.buffer.DeadlineClock;
import io.weir.ingest.buffer.IngestBuffers;
import io.weir.ingest.flush.FlushLimits;
import io.weir.ingest.flush.Flusher;
import io.weir.ingest.flush.PartFlush;
import io.weir.ingest.schema.SchemaRegistry;
import io.weir.ingest.wal.LocalWalFileSystem;
import io.weir.ingest.wal.RecoveryReport;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalFileSystem;
import io.weir.ingest.wal.WalSettings;
import io.weir.ingest.wal.WriteAheadLog;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.parquet.DataFileOptions;
import io.weir.storage.parquet.DataFileWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The write path behind the edge: log, buffers, flush. Rows given to {@link #append} are durable and visible when it
 * completes, and are in files some seconds later. Starting replays the log and returns when everything acknowledged
 * before is visible again; stopping refuses new rows, flushes what it can within its patience, and leaves the rest in
 * the log. Thread-safe between start and stop.
 */
public final class IngestService implements HotRows, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(IngestService.class);

    /** Small parts wait for the disk most of their time; large ones for the encoder, so these are bounded by bytes. */
    private static final int FLUSHES_AT_ONCE = 16;

    private static final int LARGE_FLUSHES_AT_ONCE = 2;
    private static final int LONGEST_BACKOFF = 120; // times the first
    private static final Duration FORGET_INTERVAL = Duration.ofMinutes(1);

    /** How long committed flush ids are kept: longer than any query may run. */
    private static final Duration FLUSH_MEMORY = Duration.ofHours(1);

    private final Catalog catalog;
    private final ObjectStore store;
    private final Places places;
    private final WalFileSystem walFiles;
    private final Duration stopPatience;
    private final Duration flushTimeout;
    private final WalSettings walSettings;
    private final WeirSchedulers schedulers;
    private final MemoryBudget budget;
    private final SchemaRegistry schemas;
    private final IngestBuffers buffers;
    private final Flusher flusher;
    private final RowIntake intake;
    private final Clock time;
    private final AtomicLong forgetDueNanos = new AtomicLong(System.nanoTime() + FORGET_INTERVAL.toNanos());
    private volatile @Nullable PartFlush partFlush;
    private volatile @Nullable WriteAheadLog log;
    private volatile @Nullable DeadlineClock clock;
    private volatile @Nullable FlushPressure pressure;

    /**
     * Where the service keeps things.
     *
     * @param wal directory of the write-ahead log
     * @param work directory for files being written; emptied by whoever owns the data directory at start
     * @param keyPrefix prefix of object keys, may be empty
     */
    public record Places(Path wal, Path work, String keyPrefix) {}

    /** A service that does nothing until it is started. Owns neither the catalog, the store nor the schedulers. */
    public IngestService(
            Catalog catalog,
            ObjectStore store,
            Places places,
            IngestSettings settings,
            WalSettings walSettings,
            WeirSchedulers schedulers,
            Clock time) {
        this(catalog, store, places, new LocalWalFileSystem(places.wal()), settings, walSettings, schedulers, time);
    }

    /** A service whose log is in that file system. */
    IngestService(
            Catalog catalog,
            ObjectStore store,
            Places places,
            WalFileSystem walFiles,
            IngestSettings settings,
            WalSettings walSettings,
            WeirSchedulers schedulers,
            Clock time) {
        this.walFiles = walFiles;
        this.stopPatience = settings.stopPatience();
        this.flushTimeout = settings.flushTimeout();
        this.catalog = catalog;
        this.store = store;
        this.places = places;
        this.walSettings = walSettings;
        this.schedulers = schedulers;
        this.time = time;
        this.budget = MemoryBudget.root("ingest", settings.memoryBytes());
        this.schemas = new SchemaRegistry(catalog, settings.autoCreate());
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
                        settings.flushMaxAge(),
                        settings.flushMinSize().toBytes(),
                        settings.flushSize().toBytes()),
                budget::charge,
                flusher::submit);
        this.intake = new RowIntake(buffers, this::relieveIfPressed);
    }

    /** Opens the log and replays it. Blocks; to be called once, before any request. */
    public void start() {
        ReplayIntake replay = new ReplayIntake(catalog, schemas, buffers, intake, budget, this::began);
        log = WriteAheadLog.open(walFiles, walSettings, replay, intake, schedulers.decode());
        FlushPressure watched = new FlushPressure(
                budget, buffers, requireLog(), walSettings.maxSize().toBytes());
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
        partFlush = new PartFlush(
                schemas,
                new DataFileWriter(DataFileOptions.DEFAULT),
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
        return requireLog().append(append);
    }

    /** Flushes every row acknowledged so far; completes when the catalog has them. Cancelling only stops waiting. */
    public Mono<Void> flush() {
        return Mono.defer(buffers::flushed).subscribeOn(schedulers.decode());
    }

    private void relieveIfPressed() {
        FlushPressure watched = pressure;
        DeadlineClock running = clock;
        if (watched != null && running != null && watched.isHigh()) {
            running.wake();
        }
    }

    private Mono<Void> flushPart(BufferPart part) {
        return Objects.requireNonNull(partFlush, "a part was sealed before the log was opened")
                .flush(part);
    }

    private void committed(BufferPart part) {
        buffers.drop(part);
        forgetOldFlushes();
        LOG.debug("flush {} of {}: {} rows are in files", part.flushId(), part.table(), part.rows());
    }

    /** Now and then lets the catalog forget flushes that neither replay nor a running query can ask about. */
    private void forgetOldFlushes() {
        long now = System.nanoTime();
        long due = forgetDueNanos.get();
        if (now - due < 0 || !forgetDueNanos.compareAndSet(due, now + FORGET_INTERVAL.toNanos())) {
            return;
        }
        WriteAheadLog open = log;
        if (open == null) {
            return; // still replaying
        }
        catalog.forgetFlushes(
                        open.walId().toString(),
                        open.oldestSequence(),
                        time.instant().minus(FLUSH_MEMORY))
                .subscribe(
                        forgotten -> LOG.debug("the catalog forgot {} old flushes", forgotten),
                        e -> LOG.warn("the catalog could not forget old flushes; it is tried again later", e));
    }

    @Override
    public Mono<List<HotPart>> snapshot(TableId table) {
        return buffers.snapshot(table);
    }

    /** The schemas rows are decoded against. */
    public SchemaRegistry schemas() {
        return schemas;
    }

    /** What bodies, logged rows and buffered rows may hold together. */
    public MemoryBudget budget() {
        return budget;
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
        }
    }
}
