package io.weir.ingest.compaction;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.compaction.run.MergeStep;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.CompactionQueue;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.FlushCommit;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.catalog.R2dbcDeletes;
import io.weir.storage.catalog.R2dbcLeases;
import io.weir.storage.catalog.R2dbcRetentionPolicies;
import io.weir.storage.catalog.RetentionPolicies;
import io.weir.storage.catalog.TableSnapshot;
import io.weir.storage.object.LocalFiles;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.StorageKeys;
import io.weir.storage.parquet.DataFileOptions;
import io.weir.storage.parquet.DataFileStats;
import io.weir.storage.parquet.DataFileWriter;
import io.weir.storage.parquet.HourPartitions;
import io.weir.testing.CrashPoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/** A catalog in SQLite, a store on disk, flushes into them, and compactors over them. */
public final class CompactionFixture implements AutoCloseable {

    public static final Duration PATIENCE = Duration.ofSeconds(60);
    public static final DatabaseId IOT = new DatabaseId("default", "iot");
    public static final long HOUR = 3_600_000_000L;

    public final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    public final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    public final Path objects;
    public final Path work;
    public final R2dbcCatalog catalog;
    public final LocalObjectStore store;
    private final CatalogConnections connections;
    private final DataFileWriter writer = new DataFileWriter(DataFileOptions.DEFAULT.withRowGroupRows(500));
    private volatile Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private int flushes;

    private final Clock clock = new Clock() {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };

    public CompactionFixture(Path directory) throws IOException {
        objects = Files.createDirectories(directory.resolve("objects"));
        work = Files.createDirectories(directory.resolve("work"));
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        catalog = new R2dbcCatalog(connections.factory(), clock, PATIENCE);
        await(catalog.migrate());
        await(catalog.createDatabase(IOT));
        store = new LocalObjectStore(objects, schedulers.io());
    }

    public static <T> T await(Mono<T> mono) {
        return mono.block(PATIENCE);
    }

    Instant now() {
        return now;
    }

    public void pass(Duration time) {
        now = now.plus(time);
    }

    /** What a flush of those batches does. */
    public void flush(TableId table, ColumnBatch... batches) {
        for (ColumnBatch batch : batches) {
            await(catalog.addColumns(table, batch.columns(), batch.timeNanos() != null));
        }
        MeasurementSchema schema = await(catalog.snapshot(table, List.of())).schema();
        String id = String.format(Locale.ROOT, "%012x%016x", 1_000_000 + flushes, 7L * ++flushes);
        HourPartitions hours = HourPartitions.of(schema, Arrays.asList(batches));
        List<DataFile> files = new ArrayList<>();
        for (int n = 0; n < hours.count(); n++) {
            Path file = work.resolve("flush-" + id + n);
            DataFileStats stats = writer.write(hours.sorted(n), file, Map.of());
            String key = StorageKeys.dataFile("", table, hours.hour(n) * HOUR, id, n);
            await(store.put(key, file));
            files.add(new DataFile(key, stats.minTimeMicros(), stats.maxTimeMicros(), stats.rows(), stats.bytes()));
        }
        await(catalog.commit(new FlushCommit(id, table, "wal", flushes, flushes, files)));
    }

    static CompactionSettings settings(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("weir.compaction", CompactionSettings.class);
    }

    Compactor compactor(String... keysAndValues) {
        return compactor(new CrashPoints(), keysAndValues);
    }

    /** The compactor of a process that dies when {@code crash} says. */
    public Compactor compactor(CrashPoints crash, String... keysAndValues) {
        return compactor(
                crash.of(Catalog.class, catalog),
                crash.of(CompactionQueue.class, catalog.compaction()),
                crash.of(Leases.class, leases()),
                crash.of(ObjectStore.class, store),
                crash.of(LocalFiles.class, store),
                keysAndValues);
    }

    Compactor compactor(
            Catalog ofProcess,
            CompactionQueue queue,
            Leases leases,
            ObjectStore objectStore,
            LocalFiles files,
            String... keysAndValues) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put("weir.compaction." + keysAndValues[i], keysAndValues[i + 1]);
        }
        CompactionSettings settings = settings(map);
        MergeStep step = new MergeStep(
                ofProcess,
                objectStore,
                files,
                writer,
                500,
                "",
                work,
                schedulers.compaction(),
                schedulers.io(),
                settings.parallelism());
        CompactionMetrics metrics = new CompactionMetrics(registry);
        PartitionCompaction partitions = new PartitionCompaction(ofProcess, queue, step, settings, metrics, clock);
        return new Compactor(queue, leases, step, partitions, settings, metrics, clock);
    }

    /** Deletes over the same catalog. */
    public Deletes deletes() {
        return new R2dbcDeletes(connections.factory(), clock, PATIENCE, 100);
    }

    /** Retention policies of the same catalog. */
    public RetentionPolicies policies() {
        return new R2dbcRetentionPolicies(connections.factory(), PATIENCE, 100);
    }

    /** Field {@code n} of the rows that a query sees: those of the files but for those that are hidden. */
    public List<Long> seen(TableId table, Connection duck) throws SQLException {
        TableSnapshot now = await(catalog.snapshot(table, List.of()));
        List<Long> numbers = new ArrayList<>();
        for (DataFile file : now.files()) {
            String hidden = String.join(
                    " OR ",
                    now.deleted().getOrDefault(file.objectKey(), List.of("false")).stream()
                            .map(predicate -> "(" + predicate + ")")
                            .toList());
            try (Statement statement = duck.createStatement();
                    ResultSet result = statement.executeQuery("SELECT n FROM read_parquet('"
                            + objects.resolve(file.objectKey()) + "', hive_partitioning = false) WHERE NOT (" + hidden
                            + ")")) {
                while (result.next()) {
                    numbers.add(result.getLong(1));
                }
            }
        }
        return numbers;
    }

    /** What makes new files, in a process that dies when {@code crash} says. */
    public MergeStep step(CrashPoints crash) {
        return new MergeStep(
                crash.of(Catalog.class, catalog),
                crash.of(ObjectStore.class, store),
                crash.of(LocalFiles.class, store),
                writer,
                500,
                "",
                work,
                schedulers.compaction(),
                schedulers.io(),
                1);
    }

    /** The time. */
    public Clock clock() {
        return clock;
    }

    public Leases leases() {
        return new R2dbcLeases(connections.factory(), PATIENCE);
    }

    /** What the database's clock does when whoever holds leases is dead for long enough. */
    public void expireLeases() {
        await(DatabaseClient.create(connections.factory())
                .sql("UPDATE leases SET expires_micros = 0")
                .then());
    }

    /** Lets time pass until everything queued is due, and compacts until nothing is. */
    void compactAll(Compactor compactor) {
        for (int i = 0; i < 20 && await(catalog.compaction().size()) > 0; i++) {
            pass(Duration.ofDays(2));
            await(compactor.turn());
        }
    }

    public List<DataFile> files(TableId table) {
        return await(catalog.snapshot(table, List.of())).files();
    }

    /** Rows of a measurement as DuckDB reads its files. */
    List<List<Object>> rows(TableId table, String columns, Connection duck) throws SQLException {
        List<DataFile> files = files(table);
        List<List<Object>> rows = new ArrayList<>();
        if (files.isEmpty()) {
            return rows;
        }
        String list = String.join(
                ",",
                files.stream()
                        .map(file -> "'" + objects.resolve(file.objectKey()) + "'")
                        .toList());
        try (Statement statement = duck.createStatement();
                ResultSet result = statement.executeQuery("SELECT " + columns + " FROM read_parquet([" + list
                        + "], union_by_name = true, hive_partitioning = false) ORDER BY ALL")) {
            int width = result.getMetaData().getColumnCount();
            while (result.next()) {
                Object[] cells = new Object[width];
                for (int i = 0; i < width; i++) {
                    cells[i] = result.getObject(i + 1);
                }
                rows.add(Arrays.asList(cells));
            }
        }
        return rows;
    }

    public static Connection duck() throws SQLException {
        Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        try (Statement statement = duck.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'; SET threads = 1");
        }
        return duck;
    }

    @Override
    public void close() {
        writer.close();
        schedulers.close();
        await(connections.close());
    }
}
