package io.weir.standalone.server;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.auth.Principal;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.common.supervise.Supervisor;
import io.weir.common.supervise.Turn;
import io.weir.ingest.IngestService;
import io.weir.ingest.IngestSettings;
import io.weir.ingest.compaction.run.MergeStep;
import io.weir.ingest.rewrite.DeleteWorker;
import io.weir.ingest.rewrite.FileRewrite;
import io.weir.ingest.rewrite.RewriteDirectories;
import io.weir.ingest.rewrite.RewriteSettings;
import io.weir.ingest.wal.WalAck;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalSettings;
import io.weir.query.delete.Confirmation;
import io.weir.query.delete.DeleteAnswer;
import io.weir.query.delete.DeleteRequest;
import io.weir.query.delete.DeleteSettings;
import io.weir.query.delete.Drops;
import io.weir.query.delete.RowDeletes;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryRunner;
import io.weir.query.lastvalue.LastValueProperties;
import io.weir.query.lastvalue.LastValueStore;
import io.weir.query.lastvalue.LastValueTables;
import io.weir.query.lastvalue.LastValues;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.FileChange;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.catalog.R2dbcDeletes;
import io.weir.storage.catalog.R2dbcLeases;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.object.StorageKeys;
import io.weir.storage.parquet.DataFileOptions;
import io.weir.storage.parquet.DataFileWriter;
import io.weir.storage.upkeep.ReaderPresence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/** Both services over one directory, with two ways to ask: with newest rows that are kept, and without. */
final class LastValueHouse implements AutoCloseable {

    static final TableId TABLE = new DatabaseId("default", "iot").table("m");
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Room for everything that tests keep. */
    static final LastValueProperties ROOMY =
            new LastValueProperties(true, DataSize.ofMegabytes(16), Duration.ofHours(1), DataSize.ofGigabytes(1));

    private final Path objects;
    private final Path directory;
    private final LastValueProperties properties;
    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final CatalogConnections connections;
    private final R2dbcCatalog catalog;
    private final LocalObjectStore store;
    private final DuckDbEngine engine;
    private final DataFileWriter writer = new DataFileWriter(DataFileOptions.DEFAULT.withRowGroupRows(100));
    private final FileRewrite rewrite;
    private final DeleteWorker worker;
    private CatalogTables tables;
    private TableResolver resolver;
    private ReaderPresence readers;
    private Supervisor renewals;
    private IngestService ingest;
    private LastValueStore kept;
    private LastValues values;
    private QueryRunner keeping;
    private QueryRunner plain;
    private long answeredBefore;
    private volatile boolean told = true;

    LastValueHouse(Path directory, LastValueProperties properties) {
        this.directory = directory;
        this.properties = properties;
        this.objects = directory.resolve("objects");
        try {
            Files.createDirectories(objects);
            Files.createDirectories(directory.resolve("work"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), PATIENCE);
        await(catalog.migrate());
        await(catalog.createDatabase(TABLE.databaseId()));
        store = new LocalObjectStore(objects, schedulers.io());
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(objects), directory.resolve("spill"), 256L << 20, 2, 4, 64, PATIENCE, PATIENCE));
        RewriteSettings settings = new Binder(new MapConfigurationPropertySource(Map.of()))
                .bindOrCreate("weir.delete.rewrite", RewriteSettings.class);
        MergeStep step = new MergeStep(
                catalog,
                store,
                store,
                writer,
                100,
                "",
                directory.resolve("work"),
                schedulers.compaction(),
                schedulers.io(),
                1);
        rewrite = new FileRewrite(
                catalog,
                store,
                step,
                new RewriteDirectories(objects, directory.resolve("rewriting")),
                settings,
                schedulers.io());
        worker = new DeleteWorker(deletes(), leases(), rewrite, settings, new SimpleMeterRegistry(), Clock.systemUTC());
        open();
    }

    private void open() {
        readers = new ReaderPresence(
                catalog.upkeep(), "reader" + UUID.randomUUID(), Duration.ofSeconds(1), ReaderPresence.LEASE);
        renewals = Renewals.of(readers);
        Map<String, String> settings = Map.of("weir.ingest.flush-age", "1h", "weir.ingest.flush-max-age", "1h");
        Binder binder = new Binder(new MapConfigurationPropertySource(settings));
        ingest = new IngestService(
                catalog,
                store,
                new IngestService.Places(directory.resolve("wal"), directory.resolve("work"), ""),
                binder.bindOrCreate("weir.ingest", IngestSettings.class),
                new Binder(new MapConfigurationPropertySource(Map.of())).bindOrCreate("weir.wal", WalSettings.class),
                schedulers,
                Clock.systemUTC());
        kept = new LastValueStore(properties);
        ingest.flushesTo((table, flushId, batches) -> {
            if (told) {
                kept.flushing(table, flushId, batches);
            }
        });
        ingest.start();
        tables = new CatalogTables(catalog, store, readers, Set.of());
        CatalogFileLog log = new CatalogFileLog(catalog.history(), new HeldFiles(store), readers);
        values = new LastValues(properties, kept, ingest, log, tables, engine);
        resolver = new TableResolver(tables, new SnapshotReader(ingest, tables));
        keeping = new QueryRunner(engine, tables, resolver, values, true);
        plain = new QueryRunner(engine, tables, resolver, LastValueTables.NONE, false);
    }

    /** Stops both services and starts new ones over what there is. */
    void restart() {
        answeredBefore += values.answered();
        values.close();
        ingest.close();
        renewals.close();
        readers.close();
        open();
    }

    static <T> T await(Mono<T> mono) {
        return mono.block(PATIENCE);
    }

    void write(ColumnBatch batch) {
        await(ingest.schemas()
                .open(TABLE.databaseId())
                .flatMap(schemas -> ingest.schemas().admit(schemas, List.of(batch)))
                .then(Mono.defer(
                        () -> ingest.append(new WalAppend(TABLE.databaseId(), List.of(batch), WalAck.SYNCED, null)))));
    }

    void flush() {
        await(ingest.flush());
    }

    /** Whether flushes are told beforehand, or are as those of another server. */
    void told(boolean beforehand) {
        told = beforehand;
    }

    /**
     * A commit by nobody who would tell: rows in a file come to be again under another key, as after a compaction. A file with
     * deleted rows stays, as it does there.
     */
    void rewrite(DataFile file) {
        if (await(catalog.snapshot(TABLE, List.of())).deleted().containsKey(file.objectKey())) {
            return;
        }
        try {
            String key = StorageKeys.dataFile("", TABLE, file.minMicros(), id(), 0);
            Path copy = directory.resolve("work").resolve(id());
            Files.copy(objects.resolve(file.objectKey()), copy);
            await(store.put(key, copy));
            DataFile moved = new DataFile(key, file.minMicros(), file.maxMicros(), file.rows(), file.sizeBytes());
            await(catalog.change(new FileChange(id(), TABLE, List.of(moved), List.of(file.objectKey()), null)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String id() {
        return UUID.randomUUID().toString().replace("-", "").substring(0, 28);
    }

    /** Deletes rows as a client does. */
    DeleteAnswer deleteRows(String where) {
        RowDeletes rows = new RowDeletes(
                plain,
                engine,
                resolver,
                deletes(),
                ingest,
                new DeleteSettings(Long.MAX_VALUE, 1, PATIENCE),
                Clock.systemUTC());
        return await(rows.delete(new DeleteRequest(
                Principal.unrestricted(TABLE.organisation(), "tester"),
                TABLE.databaseId(),
                TABLE.measurement(),
                where,
                false,
                new Confirmation(null))));
    }

    Deletes deletes() {
        return new R2dbcDeletes(connections.factory(), Clock.systemUTC(), PATIENCE, 100);
    }

    /** Drops the measurement as a client does. */
    void drop() {
        Drops drops = new Drops(
                tables,
                resolver,
                deletes(),
                leases(),
                ingest,
                new DeleteSettings(Long.MAX_VALUE, 1, PATIENCE),
                Clock.systemUTC());
        Principal caller = Principal.unrestricted(TABLE.organisation(), "tester");
        await(drops.measurement(caller, TABLE, new Confirmation(null)));
    }

    /** Rewrites files whose rows are deleted, until there are none. */
    void rewriteDeleted() {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> await(worker.turn()) == Turn.DONE
                        && await(deletes().due(1)).isEmpty());
    }

    /** Rewrites some files whose rows are deleted, if there are any. */
    void rewriteSome() {
        await(worker.turn());
    }

    private Leases leases() {
        return new R2dbcLeases(connections.factory(), PATIENCE);
    }

    void delete(DataFile file) {
        await(catalog.change(new FileChange(id(), TABLE, List.of(), List.of(file.objectKey()), null)));
    }

    List<DataFile> files() {
        return await(catalog.snapshot(TABLE, List.of())).files();
    }

    String keeping(String sql) {
        return run(keeping, sql);
    }

    String plain(String sql) {
        return run(plain, sql);
    }

    private static String run(QueryRunner runner, String sql) {
        Query query = new Query(
                Principal.unrestricted(TABLE.organisation(), "tester"),
                TABLE.database(),
                sql,
                QueryParameters.none(),
                PATIENCE);
        return await(runner.run(query, ResultFormat.NDJSON.encoder(new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE), 0))
                .map(String::new)
                .collectList()
                .map(parts -> String.join("", parts)));
    }

    /** Asks until the newest rows are at hand. */
    void settle() {
        long before = answered();
        Awaitility.await().atMost(PATIENCE).until(() -> {
            keeping("SELECT max(time) AS t FROM m");
            return answered() > before;
        });
    }

    /** Statements that read kept rows, in all lives. */
    long answered() {
        return answeredBefore + values.answered();
    }

    LastValues values() {
        return values;
    }

    LastValueStore store() {
        return kept;
    }

    int sessions() {
        return engine.acquired();
    }

    @Override
    public void close() {
        values.close();
        ingest.close();
        renewals.close();
        readers.close();
        engine.close();
        rewrite.close();
        writer.close();
        schedulers.close();
        await(connections.close());
    }
}
