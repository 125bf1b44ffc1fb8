package io.weir.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.buffer.TestBatches;
import io.weir.ingest.wal.MemoryWalFileSystem;
import io.weir.ingest.wal.WalAck;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalSettings;
import io.weir.ingest.wal.WriteKey;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.catalog.TableSnapshot;
import io.weir.storage.object.LocalObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

/**
 * Long work that is logged piece by piece, over a disk that fails in the middle of a piece and keeps it all the same: the
 * piece is stored again, and the failed one comes back at the next start. LESSONS 8, 62; invariant 2.
 */
@Timeout(60)
class FailedPieceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final DatabaseId DATABASE = new DatabaseId("default", "d");
    private static final int ROWS = 20_000;

    @TempDir
    Path directory;

    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private CatalogConnections connections;
    private R2dbcCatalog catalog;

    @BeforeEach
    void open() throws IOException {
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 2);
        catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), PATIENCE);
        catalog.migrate().block(PATIENCE);
        Files.createDirectories(directory.resolve("objects"));
        Files.createDirectories(directory.resolve("work"));
    }

    @AfterEach
    void close() {
        schedulers.close();
        connections.close().block(PATIENCE);
    }

    /** A life of the process; large pieces are flushed at once, small ones wait. */
    private IngestService start(MemoryWalFileSystem disk) {
        IngestSettings settings = new Binder(new MapConfigurationPropertySource(
                        Map.of("weir.ingest.flush-age", "1h", "weir.ingest.flush-size", "64KB")))
                .bindOrCreate("weir.ingest", IngestSettings.class);
        IngestService service = new IngestService(
                catalog,
                new LocalObjectStore(directory.resolve("objects"), schedulers.io()),
                new IngestService.Places(directory, directory.resolve("work"), ""),
                disk,
                IngestService.Settings.of(settings, WalSettings.defaults().withSegmentSize(DataSize.ofMegabytes(4))),
                schedulers,
                Clock.systemUTC());
        service.start();
        return service;
    }

    private static WriteKey key(long from) {
        long now = System.currentTimeMillis();
        return new WriteKey("work", now, now + 600_000, from + 1, from, "").part("" + from);
    }

    private static void store(IngestService service, String measurement, long from, int rows) {
        var batch = TestBatches.rows(measurement, "h", 1_000_000 * from, from, rows);
        service.schemas()
                .open(DATABASE)
                .flatMap(schemas -> service.schemas().admit(schemas, List.of(batch)))
                .then(service.append(new WalAppend(DATABASE, List.of(batch), WalAck.SYNCED, key(from))))
                .block(PATIENCE);
    }

    /** The next sync of the log fails, and so does the end it would put in place of what was written. */
    private static void failOnce(MemoryWalFileSystem disk) {
        AtomicBoolean failed = new AtomicBoolean();
        disk.failSync = () -> isLog() && failed.compareAndSet(false, true);
        disk.failWrite = () -> {
            if (isLog() && failed.get()) {
                throw new IllegalStateException("injected: nothing is written");
            }
            return false;
        };
    }

    private static boolean isLog() {
        return Thread.currentThread().getName().equals("weir-wal");
    }

    private long rows(IngestService service, String measurement) {
        TableId table = DATABASE.table(measurement);
        try (HotHold hold = new HotHold()) {
            List<HotPart> hot = service.snapshot(table, hold).block(PATIENCE);
            TableSnapshot files = catalog.snapshot(
                            table, hot.stream().map(HotPart::flushId).toList())
                    .block(PATIENCE);
            long inFiles = files.files().stream().mapToLong(DataFile::rows).sum();
            return inFiles
                    + hot.stream()
                            .filter(part -> !files.committedFlushIds().contains(part.flushId()))
                            .flatMap(part -> part.batches().stream())
                            .mapToLong(batch -> batch.rows())
                            .sum();
        }
    }

    @Test
    void aFailedPieceThatComesBackIsNotStoredAgainBehindLaterPieces() {
        MemoryWalFileSystem disk = new MemoryWalFileSystem(1);
        IngestService first = start(disk);
        store(first, "small", 0, 1); // keeps the segment that the failed piece is in
        failOnce(disk);
        assertThatThrownBy(() -> store(first, "large", 1, ROWS)).hasMessageContaining("cannot write to its disk");
        disk.failSync = () -> false;
        disk.failWrite = () -> false;
        store(first, "large", 1, ROWS);
        store(first, "large", 1 + ROWS, ROWS);
        while (catalog.idempotencyKey(DATABASE, key(1 + ROWS).text()).block(PATIENCE) == null) {
            Thread.onSpinWait();
        }
        MemoryWalFileSystem left = disk.kill();
        first.close();

        IngestService second = start(left);
        assertThat(second.log().recovery().batches())
                .as("batches replayed: the small piece and the failed one, at least")
                .isGreaterThanOrEqualTo(2);
        assertThat(rows(second, "large")).isEqualTo(2 * ROWS);
        assertThat(rows(second, "small")).isEqualTo(1);
        second.close();
    }
}
