package io.weir.standalone.server;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.auth.Principal;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.DatabaseId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import io.weir.ingest.IngestService;
import io.weir.ingest.IngestSettings;
import io.weir.ingest.ParquetSettings;
import io.weir.ingest.compaction.CompactionConfiguration;
import io.weir.ingest.retention.RetentionConfiguration;
import io.weir.ingest.rewrite.RewriteConfiguration;
import io.weir.ingest.rewrite.RewriteDirectories;
import io.weir.ingest.wal.WalAck;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalSettings;
import io.weir.query.continuous.ContinuousConfiguration;
import io.weir.query.continuous.ContinuousPlaces;
import io.weir.query.delete.Confirmation;
import io.weir.query.delete.DeleteAnswer;
import io.weir.query.delete.DeleteRequest;
import io.weir.query.delete.DeleteSettings;
import io.weir.query.delete.RowDeletes;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryRunner;
import io.weir.query.lastvalue.LastValueTables;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.catalog.CompactionQueue;
import io.weir.storage.catalog.ContinuousQueries;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.catalog.R2dbcContinuousQueries;
import io.weir.storage.catalog.R2dbcDeletes;
import io.weir.storage.catalog.R2dbcLeases;
import io.weir.storage.catalog.R2dbcRetentionPolicies;
import io.weir.storage.catalog.RetentionPolicies;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import io.weir.storage.object.LocalFiles;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.upkeep.ReaderPresence;
import io.weir.testing.CrashPoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.util.FileSystemUtils;
import reactor.core.publisher.Mono;

/**
 * A server over one directory, all but its edge, that does nothing by itself: a turn of each of its loops is asked for. It can
 * die at a step of that, or between; then its log stays as it is, and the next life begins over what there is. One caller.
 */
final class LifecycleHouse implements AutoCloseable {

    static final DatabaseId DATABASE = new DatabaseId("default", "iot");
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(LifecycleHouse.class);
    private static final Map<String, Object> SETTINGS = Map.of(
            "weir.ingest.flush-age", "36500d", // only when it is asked to
            "weir.ingest.flush-max-age", "36500d",
            "weir.ingest.stop-patience", "1ms", // a dead one can flush no more
            "weir.wal.segment-size", "256KB",
            "weir.compaction.min-files", "2",
            "weir.continuous-queries.parallelism", "1", // in an order that can be told again
            "weir.continuous-queries.windows", "6",
            "weir.orphans.grace", "1h");

    private final Path directory;
    private final Path objects;
    private final Clock clock;
    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final CatalogConnections connections;
    private final R2dbcCatalog truth;
    private final LocalObjectStore store;
    private final DuckDbEngine engine;
    private int lives;
    private CrashPoints crash;
    private ReaderPresence readers;
    private IngestService ingest;
    private QueryRunner runner;
    private RowDeletes deletes;
    private AnnotationConfigApplicationContext loops;

    LifecycleHouse(Path directory, Clock clock) throws IOException {
        this.directory = directory;
        this.clock = clock;
        this.objects = Files.createDirectories(directory.resolve("objects"));
        Files.createDirectories(wal());
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        truth = catalog();
        await(truth.migrate());
        await(truth.createDatabase(DATABASE));
        store = new LocalObjectStore(objects, schedulers.io());
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(objects), directory.resolve("spill"), 256L << 20, 2, 4, 64, PATIENCE, PATIENCE));
        begin();
    }

    private R2dbcCatalog catalog() {
        return new R2dbcCatalog(connections.factory(), clock, PATIENCE);
    }

    private Path wal() {
        return directory.resolve("wal" + lives);
    }

    static <T> T await(Mono<T> mono) {
        return mono.block(PATIENCE);
    }

    private static <T> T settings(String prefix, Class<T> type) {
        return new Binder(new MapConfigurationPropertySource(SETTINGS)).bindOrCreate(prefix, type);
    }

    /** Begins a life, as a start does. */
    private void begin() throws IOException {
        crash = new CrashPoints();
        Path work = directory.resolve("work");
        FileSystemUtils.deleteRecursively(work);
        Files.createDirectories(work);
        R2dbcCatalog own = catalog();
        Catalog catalog = crash.of(Catalog.class, own);
        CatalogUpkeep upkeep = crash.of(CatalogUpkeep.class, own.upkeep());
        ObjectStore objectStore = crash.of(ObjectStore.class, store);
        LocalFiles files = crash.of(LocalFiles.class, store);
        readers = new ReaderPresence(upkeep, "life" + lives, ReaderPresence.INTERVAL, ReaderPresence.LEASE);
        readers.prepare().block(PATIENCE);
        IngestService.Places places = new IngestService.Places(wal(), work, "");
        ingest = new IngestService(
                catalog,
                objectStore,
                places,
                settings("weir.ingest", IngestSettings.class),
                settings("weir.wal", WalSettings.class),
                schedulers,
                clock);
        ingest.start();
        CatalogTables tables = new CatalogTables(catalog, files, readers, Set.of());
        TableResolver resolver = new TableResolver(tables, new SnapshotReader(ingest, tables));
        runner = new QueryRunner(engine, tables, resolver, LastValueTables.NONE, false);
        Deletes ofRows = crash.of(Deletes.class, new R2dbcDeletes(connections.factory(), clock, PATIENCE, 100));
        DeleteSettings unasked = new DeleteSettings(Long.MAX_VALUE, 1, PATIENCE);
        deletes = new RowDeletes(runner, engine, resolver, ofRows, ingest, unasked, clock);
        loops = new AnnotationConfigApplicationContext();
        Stream.of(catalog, upkeep, objectStore, files, places, ingest, runner, ofRows, schedulers, clock)
                .forEach(this::bean);
        bean(crash.of(CompactionQueue.class, own.compaction()));
        bean(crash.of(Leases.class, new R2dbcLeases(connections.factory(), PATIENCE)));
        bean(crash.of(RetentionPolicies.class, policies()));
        bean(crash.of(ContinuousQueries.class, queries()));
        bean(settings("weir.parquet", ParquetSettings.class));
        bean(new RewriteDirectories(objects, directory.resolve("rewriting")));
        bean(new ContinuousPlaces(work, ""));
        bean(new SimpleMeterRegistry());
        beginLoops();
    }

    private void bean(Object bean) {
        loops.getBeanFactory()
                .registerSingleton("given" + loops.getBeanFactory().getSingletonCount(), bean);
    }

    /** What runs in the background of a server, put together as it is there. */
    private void beginLoops() {
        loops.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", SETTINGS));
        loops.register(
                CompactionConfiguration.class,
                RewriteConfiguration.class,
                RetentionConfiguration.class,
                ContinuousConfiguration.class,
                UpkeepConfiguration.class);
        RootBeanDefinition forgetting = new RootBeanDefinition();
        forgetting.setBeanClassName("io.weir.ingest.ForgetLoop");
        forgetting.setAutowireMode(AbstractBeanDefinition.AUTOWIRE_CONSTRUCTOR);
        loops.registerBeanDefinition("forgetting", forgetting);
        loops.refresh();
    }

    private List<BackgroundLoop> loops() {
        return List.copyOf(loops.getBeansOfType(BackgroundLoop.class).values());
    }

    /** Where it may die. */
    CrashPoints crash() {
        return crash;
    }

    /** Does that to its end; null when there is nothing to it, or when the server died of it. */
    <T> @Nullable T attempt(Mono<T> work) {
        try {
            return work.takeUntilOther(crash.death()).block(PATIENCE);
        } catch (RuntimeException e) {
            if (!crash.isDead()) {
                throw e;
            }
            return null;
        }
    }

    /** Stores rows as the edge does. */
    Mono<Void> write(ColumnBatch batch) {
        return ingest.schemas()
                .open(DATABASE)
                .flatMap(schemas -> ingest.schemas().admit(schemas, List.of(batch)))
                .then(Mono.defer(() -> ingest.append(new WalAppend(DATABASE, List.of(batch), WalAck.SYNCED, null))));
    }

    Mono<Void> flush() {
        return ingest.flush();
    }

    /** Deletes rows as a client does. */
    Mono<DeleteAnswer> delete(String measurement, String where) {
        return deletes.delete(new DeleteRequest(caller(), DATABASE, measurement, where, false, new Confirmation(null)));
    }

    private static Principal caller() {
        return Principal.unrestricted(DATABASE.organisation(), "tester");
    }

    /** A turn of the loop of that name. */
    Mono<Turn> turn(String loop) {
        return readers.turn()
                .then(Mono.defer(() -> loops().stream()
                        .filter(one -> one.name().equals(loop))
                        .findFirst()
                        .orElseThrow()
                        .turn()));
    }

    /** The server is dead, or dies now, and another one begins over what it left; it takes the time that leases take to end. */
    void comeBack() throws IOException {
        crash.die();
        Path left = wal();
        lives++;
        try (Stream<Path> segments = Files.list(left)) {
            Files.createDirectories(wal());
            for (Path segment : segments.toList()) {
                copy(segment);
            }
        }
        end();
        FileSystemUtils.deleteRecursively(left);
        await(DatabaseClient.create(connections.factory())
                .sql("UPDATE leases SET expires_micros = 0")
                .then());
        begin();
    }

    private void copy(Path segment) throws IOException {
        try {
            Files.copy(segment, wal().resolve(segment.getFileName()));
        } catch (NoSuchFileException e) {
            LOG.debug(
                    "{} was a spare or is released, and has no row that was acknowledged and is in no file",
                    segment,
                    e);
        }
    }

    /** Stops it, and starts it. */
    void restart() throws IOException {
        await(flush());
        end();
        begin();
    }

    private void end() {
        loops().forEach(BackgroundLoop::awaitQuiet);
        loops.close();
        ingest.close();
        readers.close();
    }

    RetentionPolicies policies() {
        return new R2dbcRetentionPolicies(connections.factory(), PATIENCE, 100);
    }

    ContinuousQueries queries() {
        return new R2dbcContinuousQueries(connections.factory(), clock, PATIENCE, 100);
    }

    CompactionQueue compactions() {
        return truth.compaction();
    }

    /** Files of a measurement, and where they are. */
    Map<Path, DataFile> files(String measurement) {
        var snapshot = await(truth.snapshot(DATABASE.table(measurement), List.of()));
        return snapshot == null
                ? Map.of()
                : snapshot.files().stream()
                        .collect(Collectors.toMap(file -> objects.resolve(file.objectKey()), file -> file));
    }

    /** Every data file that is in the store. */
    Set<Path> stored() {
        try (Stream<Path> all = Files.walk(objects)) {
            return all.filter(path -> path.toString().endsWith(".parquet")).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a client sees, a line of JSON a row. */
    String ask(String sql) {
        Query query = new Query(caller(), DATABASE.database(), sql, QueryParameters.none(), PATIENCE);
        return await(runner.run(query, ResultFormat.NDJSON.encoder(new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE), 0))
                .map(String::new)
                .collect(Collectors.joining()));
    }

    @Override
    public void close() {
        end();
        engine.close();
        schedulers.close();
        await(connections.close());
    }
}
