package io.weir.ingest;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.model.TableId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.admission.AdmissionSettings;
import io.weir.ingest.idempotency.IdempotencySettings;
import io.weir.ingest.wal.WalAck;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalFileSystem;
import io.weir.ingest.wal.WalSettings;
import io.weir.ingest.wal.WriteKey;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.catalog.TableSnapshot;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.parquet.DataFileOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import reactor.core.publisher.Mono;

/** A catalog and a store in a directory, and ingest services over them, one life after the other. */
final class IngestFixture implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(20);

    final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    final R2dbcCatalog catalog;
    final CatalogConnections connections;
    private final Path directory;

    IngestFixture(Path directory) {
        this.directory = directory;
        try {
            Files.createDirectories(directory.resolve("objects"));
            Files.createDirectories(directory.resolve("work"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 2);
        catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), PATIENCE);
        catalog.migrate().block(PATIENCE);
    }

    /** A started service whose log is on that disk. */
    IngestService start(WalFileSystem disk, WalSettings wal, Map<String, String> settings) {
        Binder binder = new Binder(new MapConfigurationPropertySource(settings));
        IngestService service = new IngestService(
                catalog,
                new LocalObjectStore(directory.resolve("objects"), schedulers.io()),
                new IngestService.Places(directory, directory.resolve("work"), ""),
                disk,
                new IngestService.Settings(
                        binder.bindOrCreate("weir.ingest", IngestSettings.class),
                        binder.bindOrCreate("weir.ingest", AdmissionSettings.class),
                        IdempotencySettings.defaults(),
                        wal,
                        DataFileOptions.DEFAULT),
                schedulers,
                Clock.systemUTC());
        service.start();
        return service;
    }

    /** Stores rows as the edge does: schemas first, then the log. */
    static Mono<Void> store(IngestService service, TableId table, ColumnBatch batch, @Nullable WriteKey key) {
        return service.schemas()
                .open(table.databaseId())
                .flatMap(schemas -> service.schemas().admit(schemas, List.of(batch)))
                .then(Mono.defer(
                        () -> service.append(new WalAppend(table.databaseId(), List.of(batch), WalAck.SYNCED, key))));
    }

    /** Rows of a measurement, hot ones and those in files. */
    long rows(IngestService service, TableId table) {
        try (HotHold hold = new HotHold()) {
            List<HotPart> hot = service.snapshot(table, hold).block(PATIENCE);
            TableSnapshot files = catalog.snapshot(
                            table, hot.stream().map(HotPart::flushId).toList())
                    .block(PATIENCE);
            return files.files().stream().mapToLong(DataFile::rows).sum()
                    + hot.stream()
                            .filter(part -> !files.committedFlushIds().contains(part.flushId()))
                            .flatMap(part -> part.batches().stream())
                            .mapToLong(ColumnBatch::rows)
                            .sum();
        }
    }

    @Override
    public void close() {
        schedulers.close();
        connections.close().block(PATIENCE);
    }
}
