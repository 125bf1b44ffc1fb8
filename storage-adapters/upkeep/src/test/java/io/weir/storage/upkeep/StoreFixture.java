package io.weir.storage.upkeep;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.FlushCommit;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.catalog.R2dbcLeases;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.StorageKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A store on local disk and a catalog in SQLite, to be put out of step. Closing closes the catalog. */
public final class StoreFixture implements AutoCloseable {

    public static final Duration PATIENCE = Duration.ofSeconds(30);
    public static final Duration GRACE = Duration.ofDays(1);
    public static final TableId TABLE = new DatabaseId("default", "iot").table("cpu");

    private final Path objects;
    private final CatalogConnections connections;
    private final Scheduler io = Schedulers.newBoundedElastic(4, 1_000, "weir-io-test", 10, true);
    final R2dbcCatalog catalog;
    private final LocalObjectStore local;
    private final FaultyStore store;

    /** Empty, in that directory. */
    public StoreFixture(Path directory) {
        try {
            objects = Files.createDirectories(directory.resolve("objects"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), Duration.ofSeconds(20));
        await(catalog.migrate());
        await(catalog.createDatabase(TABLE.databaseId()));
        await(catalog.addColumns(TABLE, List.of(new Column("load", ColumnType.FLOAT64)), false));
        local = new LocalObjectStore(objects, io);
        store = new FaultyStore(local);
        await(new StoreOwnership(store, upkeep()).claim().onErrorComplete()); // as a server does when it starts
    }

    /** The store, through which faults can be injected. */
    public FaultyStore store() {
        return store;
    }

    /** The catalog. */
    public R2dbcCatalog catalog() {
        return catalog;
    }

    /** The catalog's upkeep. */
    public CatalogUpkeep upkeep() {
        return catalog.upkeep();
    }

    /** A scheduler for disk work. */
    public Scheduler io() {
        return io;
    }

    /** Waits for a result. */
    public static <T> T await(Mono<T> mono) {
        return mono.block(PATIENCE);
    }

    /** The key of a data file of a flush. */
    public static String key(String flushId) {
        return StorageKeys.dataFile("", TABLE, 1_700_000_000_000_000L, flushId, 0);
    }

    /** Leases of the catalog. */
    Leases leases() {
        return new R2dbcLeases(connections.factory(), Duration.ofSeconds(20));
    }

    OrphanWorker worker(MeterRegistry registry) {
        OrphanSettings settings = new OrphanSettings(true, Duration.ofHours(1), GRACE);
        return new OrphanWorker(sweep(), leases(), settings, io, registry);
    }

    /** A sweep of the store. */
    public OrphanSweep sweep() {
        return new OrphanSweep(store, upkeep(), GRACE, Clock.systemUTC());
    }

    /** Puts an object whose time the store tells as that long ago. */
    public void put(String key, byte[] content, Duration age) {
        await(store.put(key, Flux.just(ByteBuffer.wrap(content))));
        try {
            Files.setLastModifiedTime(
                    objects.resolve(key), FileTime.from(Instant.now().minus(age)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void putOld(String key) {
        put(key, new byte[] {1, 2, 3}, GRACE.plusHours(1));
    }

    /** A flush of one file of that key. */
    public static FlushCommit flush(String key, long rows, long bytes) {
        return new FlushCommit(
                "of-" + key, TABLE, "wal", 1, 1, List.of(new DataFile(key, 1, 2, rows, bytes)), List.of());
    }

    /** Commits a file of that key. */
    public void commit(String key, long rows, long bytes) {
        await(catalog.commit(flush(key, rows, bytes)));
    }

    /** Keys in the store, without the one that names its catalog. */
    public List<String> stored() {
        return await(local.list("")
                .map(ObjectInfo::key)
                .filter(key -> !key.equals(StoreOwnership.KEY))
                .collectList());
    }

    @Override
    public void close() {
        await(connections.close());
        io.dispose();
    }
}
