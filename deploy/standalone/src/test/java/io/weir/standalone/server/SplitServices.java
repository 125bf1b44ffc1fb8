package io.weir.standalone.server;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.hot.HotControl;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotRows;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.common.schema.ColumnType;
import io.weir.common.supervise.Supervisor;
import io.weir.ingest.IngestService;
import io.weir.ingest.IngestSettings;
import io.weir.ingest.admission.AdmissionSettings;
import io.weir.ingest.idempotency.IdempotencySettings;
import io.weir.ingest.internal.InternalPort;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalSettings;
import io.weir.query.remote.RemoteHotRows;
import io.weir.query.remote.RemoteSettings;
import io.weir.query.snapshot.BoundTable;
import io.weir.query.snapshot.FileRef;
import io.weir.query.snapshot.Freshness;
import io.weir.query.snapshot.Reading;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.hot.InternalSettings;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.parquet.DataFileOptions;
import io.weir.storage.upkeep.ReaderPresence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import reactor.core.publisher.Mono;

/** Two ingest services with their internal ports over one catalog and one store, and a reader that knows them by those ports only. */
final class SplitServices implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final String TOKEN = "a-token-of-32-characters-or-more";

    final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final R2dbcCatalog catalog;
    final List<IngestService> ingests = new ArrayList<>();
    final List<InternalPort> ports = new ArrayList<>();
    private final CatalogConnections connections;
    private final Path directory;
    private final ReaderPresence readers;
    private final Supervisor renewals;

    SplitServices(Path directory, Map<String, String> settings) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory.resolve("objects"));
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), PATIENCE);
        catalog.migrate().block(PATIENCE);
        readers = new ReaderPresence(catalog.upkeep(), "reader", ReaderPresence.INTERVAL, ReaderPresence.LEASE);
        renewals = Renewals.of(readers);
        for (String name : List.of("a", "b")) {
            IngestService ingest = ingest(name, settings);
            ingests.add(ingest);
            ports.add(port(ingest, Map.of()));
        }
    }

    private IngestService ingest(String name, Map<String, String> settings) throws IOException {
        Path work = Files.createDirectories(directory.resolve(name).resolve("work"));
        Binder binder = new Binder(new MapConfigurationPropertySource(settings));
        IngestService service = new IngestService(
                catalog,
                store(),
                new IngestService.Places(Files.createDirectories(work.resolveSibling("wal")), work, ""),
                new IngestService.Settings(
                        binder.bindOrCreate("weir.ingest", IngestSettings.class),
                        binder.bindOrCreate("weir.ingest", AdmissionSettings.class),
                        IdempotencySettings.defaults(),
                        binder.bindOrCreate("weir.wal", WalSettings.class),
                        DataFileOptions.DEFAULT),
                schedulers,
                Clock.systemUTC());
        service.start();
        return service;
    }

    private LocalObjectStore store() {
        return new LocalObjectStore(directory.resolve("objects"), schedulers.io());
    }

    /** An internal port in front of those rows. */
    InternalPort port(HotRows rows, Map<String, String> settings) {
        InternalPort port = new InternalPort(internal(settings), schedulers.decode());
        port.open(rows, HotControl.NONE);
        return port;
    }

    static InternalSettings internal(Map<String, String> settings) {
        Map<String, String> all =
                new java.util.HashMap<>(Map.of("weir.internal.token", TOKEN, "weir.internal.port", "0"));
        all.putAll(settings);
        return new Binder(new MapConfigurationPropertySource(all))
                .bindOrCreate("weir.internal", InternalSettings.class);
    }

    /** Hot rows of those internal ports. */
    RemoteHotRows remote(Map<String, String> settings, int... internalPorts) {
        Map<String, String> all = new java.util.HashMap<>(settings);
        for (int i = 0; i < internalPorts.length; i++) {
            all.put("weir.query.ingest-replicas[" + i + "]", "127.0.0.1:" + internalPorts[i]);
        }
        RemoteSettings bound =
                new Binder(new MapConfigurationPropertySource(all)).bindOrCreate("weir.query", RemoteSettings.class);
        return new RemoteHotRows(bound, internal(Map.of()), schedulers.decode(), meters);
    }

    SnapshotReader reader(HotRows hot) {
        return new SnapshotReader(hot, new CatalogTables(catalog, store(), readers, Set.of()));
    }

    /** Rows a query would see now; fails as the query would. */
    static Mono<Long> count(SnapshotReader reader, TableId table, Freshness freshness) {
        return Mono.using(
                HotHold::new,
                hold -> reader.read(table, new Reading(TimeRange.ALL, freshness, null), hold)
                        .map(SplitServices::rows)
                        .defaultIfEmpty(0L),
                HotHold::close);
    }

    private static long rows(BoundTable table) {
        return table.files().stream().mapToLong(FileRef::rows).sum()
                + table.hotBatches().stream().mapToLong(ColumnBatch::rows).sum();
    }

    /** Stores rows as the edge does: schemas first, then the log. */
    static Mono<Void> store(IngestService service, TableId table, ColumnBatch batch) {
        return service.schemas()
                .open(table.databaseId())
                .flatMap(schemas -> service.schemas().admit(schemas, List.of(batch)))
                .then(Mono.defer(() -> service.append(new WalAppend(table.databaseId(), List.of(batch)))));
    }

    /** Rows with a tag {@code host} and a field {@code v}, one a microsecond. */
    static ColumnBatch batch(String measurement, long fromMicros, int rows) {
        long[] times = new long[rows];
        long[] values = new long[rows];
        int[] series = new int[rows];
        for (int i = 0; i < rows; i++) {
            times[i] = fromMicros + i;
            values[i] = i;
            series[i] = i % 2;
        }
        FieldColumn v = new LongColumn("v", ColumnType.INT64, values, null);
        FieldColumn w = new LongColumn("w", ColumnType.INT64, values, null);
        SeriesTable table = new SeriesTable(
                2, List.of("host"), new int[][] {{0, 1}}, new Utf8Dictionary[] {Utf8Dictionary.of("a", "b")});
        return new ColumnBatch(measurement, rows, times, null, table, series, List.of(v, w));
    }

    @Override
    public void close() {
        ingests.forEach(IngestService::close);
        ports.forEach(InternalPort::close);
        renewals.close();
        readers.close();
        schedulers.close();
        connections.close().block(PATIENCE);
    }
}
