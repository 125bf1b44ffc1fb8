package io.weir.ingest;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.model.TableId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.fault.Faults;
import io.weir.ingest.fault.FaultyCatalog;
import io.weir.ingest.fault.FaultyObjectStore;
import io.weir.ingest.wal.MemoryWalFileSystem;
import io.weir.ingest.wal.SyncMode;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalSettings;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.TableSnapshot;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/**
 * An ingest service over a disk, a store and a catalog in memory: one life of a process. The next life is given what this
 * one left.
 */
final class FaultRun {

    static final Duration PATIENCE = Duration.ofSeconds(30);

    final Faults faults;
    final IngestService service;
    private final FaultyCatalog catalog;
    private final MemoryWalFileSystem disk;
    private final FaultyCatalog.Tables tables;

    /** Starts a life without faults; they are switched on afterwards. */
    FaultRun(
            long seed,
            MemoryWalFileSystem disk,
            Map<String, byte[]> objects,
            FaultyCatalog.Tables tables,
            Path work,
            WeirSchedulers schedulers,
            Duration stopPatience) {
        this.faults = new Faults(seed);
        this.disk = disk;
        this.tables = tables;
        this.catalog = new FaultyCatalog(tables, faults);
        this.service = new IngestService(
                catalog,
                new FaultyObjectStore(objects, faults),
                new IngestService.Places(work, work, ""),
                disk,
                IngestService.Settings.of(settings(stopPatience), walSettings()),
                schedulers,
                Clock.systemUTC());
        service.start();
    }

    private static IngestSettings settings(Duration stopPatience) {
        return new IngestSettings(
                true,
                DataSize.ofMegabytes(64),
                DataSize.ofMegabytes(1),
                DataSize.ofMegabytes(1),
                DataSize.ofMegabytes(1),
                DataSize.ofMegabytes(1),
                DataSize.ofMegabytes(1),
                Duration.ofMillis(2),
                Duration.ofMillis(20),
                DataSize.ofKilobytes(2),
                DataSize.ofKilobytes(6),
                Duration.ofMillis(200),
                Duration.ofSeconds(60),
                Duration.ofMillis(1),
                stopPatience);
    }

    private static WalSettings walSettings() {
        return new WalSettings(
                SyncMode.FSYNC,
                Duration.ofMillis(5),
                DataSize.ofKilobytes(16),
                2,
                DataSize.ofMegabytes(8),
                Duration.ofMillis(1),
                DataSize.ofKilobytes(256),
                Duration.ofMillis(50),
                DataSize.ofMegabytes(1));
    }

    /** Writes like the edge does: schemas first, then the log. */
    Mono<Void> write(TableId table, List<ColumnBatch> batches) {
        return service.schemas()
                .open(table.databaseId())
                .flatMap(schemas -> service.schemas().admit(schemas, batches))
                .then(Mono.defer(() -> service.append(new WalAppend(table.databaseId(), batches))));
    }

    /** What a query of the measurement sees now: hot rows first, then files, committed parts dropped. */
    Seen see(TableId table) {
        try (HotHold hold = new HotHold()) {
            return see(table, hold);
        }
    }

    private Seen see(TableId table, HotHold hold) {
        List<HotPart> hot =
                service.snapshot(table, hold).blockOptional(PATIENCE).orElseThrow();
        TableSnapshot snapshot = catalog.snapshot(
                        table, hot.stream().map(HotPart::flushId).toList())
                .block(PATIENCE);
        if (snapshot == null) {
            return new Seen(List.of(), List.of());
        }
        List<ColumnBatch> batches = new ArrayList<>();
        for (HotPart part : hot) {
            if (!snapshot.committedFlushIds().contains(part.flushId())) {
                batches.addAll(part.batches());
            }
        }
        return new Seen(snapshot.files().stream().map(DataFile::objectKey).toList(), batches);
    }

    /** Files and hot batches of one query. */
    record Seen(List<String> files, List<ColumnBatch> batches) {}

    /** The machine loses its power: what the disk keeps. */
    MemoryWalFileSystem crash() {
        faults.kill();
        MemoryWalFileSystem left = disk.crash();
        service.close();
        return left;
    }

    /** The process is killed: the disk keeps what was written. */
    MemoryWalFileSystem kill() {
        faults.kill();
        MemoryWalFileSystem left = disk.kill();
        service.close();
        return left;
    }

    /** The service stops in order, then the machine loses its power. */
    MemoryWalFileSystem stop() {
        service.close();
        faults.kill();
        return disk.crash();
    }
}
