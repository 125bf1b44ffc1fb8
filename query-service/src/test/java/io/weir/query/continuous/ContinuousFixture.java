package io.weir.query.continuous;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.query.TestTables;
import io.weir.query.engine.QueryRunner;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.ContinuousDefinition;
import io.weir.storage.catalog.ContinuousQueries;
import io.weir.storage.catalog.ContinuousQuery;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.catalog.R2dbcContinuousQueries;
import io.weir.storage.catalog.R2dbcLeases;
import io.weir.storage.catalog.TaskState;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.parquet.DataFileOptions;
import io.weir.storage.parquet.DataFileWriter;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/** Sources with a row a second, a catalog and a store for destinations, and workers over them; the clock begins at 1970. */
final class ContinuousFixture implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final String ORGANISATION = TestTables.ORGANISATION;
    static final TableId ROLLUP = new DatabaseId(ORGANISATION, "rollups").table("by minute");

    /** Rows and the sum of their numbers, by host. */
    static final String BY_HOST = "SELECT host, count(*) AS c, sum(n) AS s FROM cpu GROUP BY host";

    final TestTables sources;
    final TableId cpu;
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final R2dbcCatalog catalog;
    final Path work;
    private final Path objects;
    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final CatalogConnections connections;
    private final LocalObjectStore store;
    private final DuckDbEngine engine;
    private final QueryRunner runner;
    private final DataFileWriter writer = new DataFileWriter(DataFileOptions.DEFAULT);
    private volatile Instant now = Instant.EPOCH;

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

    ContinuousFixture(Path directory) throws IOException {
        Path disks = Files.createDirectories(directory.resolve("disks"));
        objects = Files.createDirectories(directory.resolve("objects"));
        work = Files.createDirectories(directory.resolve("work"));
        sources = new TestTables(disks);
        cpu = sources.create("main", "cpu");
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(disks), directory.resolve("spill"), 256L << 20, 2, 4, 64, PATIENCE, PATIENCE));
        runner = new QueryRunner(
                engine, sources, new TableResolver(sources, new SnapshotReader(sources, sources)), true);
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        catalog = new R2dbcCatalog(connections.factory(), clock, PATIENCE);
        await(catalog.migrate());
        await(catalog.createDatabase(ROLLUP.databaseId()));
        store = new LocalObjectStore(objects, schedulers.io());
    }

    static <T> T await(Mono<T> mono) {
        return mono.block(PATIENCE);
    }

    Clock clock() {
        return clock;
    }

    QueryRunner runner() {
        return runner;
    }

    /** From now on it is that many seconds since the beginning. */
    void at(long seconds) {
        now = Instant.ofEpochSecond(seconds);
    }

    long seconds() {
        return now.getEpochSecond();
    }

    ContinuousQueries queries() {
        return new R2dbcContinuousQueries(connections.factory(), clock, PATIENCE, 1000);
    }

    /** Adds a query of minutes, that begins with the first of them. */
    ContinuousQuery add(String statement, Duration lag, Duration lateness) {
        return add("q", statement, lag, lateness, ROLLUP);
    }

    ContinuousQuery add(String id, String statement, Duration lag, Duration lateness, TableId destination) {
        ContinuousDefinition definition = new ContinuousDefinition(
                id,
                "main",
                statement,
                destination,
                Duration.ofMinutes(1),
                lag,
                lateness,
                true,
                "tester",
                List.of("main"));
        ContinuousQuery query =
                new ContinuousQuery(id, ORGANISATION, definition, now, 0, 0, TaskState.firstDue(Instant.EPOCH));
        await(queries().add(query, new AuditEntry(0, now, ORGANISATION, "tester", "created", id, "")));
        return query;
    }

    ContinuousQuery query() {
        return await(queries().find(ORGANISATION, "q"));
    }

    static ContinuousSettings settings(String... keysAndValues) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put("weir.continuous-queries." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(map))
                .bindOrCreate("weir.continuous-queries", ContinuousSettings.class);
    }

    ContinuousWorker worker(String... keysAndValues) {
        return worker(new CrashPoints(), keysAndValues);
    }

    /** The worker of a process that dies when {@code crash} says. */
    ContinuousWorker worker(CrashPoints crash, String... keysAndValues) {
        ContinuousSettings settings = settings(keysAndValues);
        ContinuousQueries queries = crash.of(ContinuousQueries.class, queries());
        return new ContinuousWorker(
                queries, crash.of(Leases.class, leases()), runner(crash, queries, settings), settings, clock);
    }

    ContinuousRunner runner(CrashPoints crash, ContinuousQueries queries, ContinuousSettings settings) {
        Catalog ofProcess = crash.of(Catalog.class, catalog);
        return new ContinuousRunner(
                new WindowQuery(runner, ofProcess, settings),
                new WindowFiles(
                        ofProcess,
                        crash.of(ObjectStore.class, store),
                        writer,
                        new ContinuousPlaces(work, ""),
                        schedulers.flush()),
                queries,
                new ContinuousMetrics(registry),
                settings,
                clock);
    }

    Leases leases() {
        return new R2dbcLeases(connections.factory(), PATIENCE);
    }

    /** What the database's clock does when whoever holds leases is dead for long enough. */
    void expireLeases() {
        await(DatabaseClient.create(connections.factory())
                .sql("UPDATE leases SET expires_micros = 0")
                .then());
    }

    List<DataFile> files(TableId table) {
        var snapshot = await(catalog.snapshot(table, List.of()));
        return snapshot == null ? List.of() : snapshot.files();
    }

    /** Rows of a destination as DuckDB reads its files: cells with blanks between them, in order. */
    List<String> rows(TableId table, String columns) {
        List<DataFile> files = files(table);
        if (files.isEmpty()) {
            return List.of();
        }
        String list = files.stream()
                .map(file -> "'" + objects.resolve(file.objectKey()) + "'")
                .collect(Collectors.joining(","));
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            List<String> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery("SELECT " + columns + " FROM read_parquet([" + list
                    + "], union_by_name = true, hive_partitioning = false) ORDER BY ALL")) {
                int width = result.getMetaData().getColumnCount();
                while (result.next()) {
                    StringBuilder row = new StringBuilder();
                    for (int i = 1; i <= width; i++) {
                        row.append(i == 1 ? "" : " ").append(result.getString(i));
                    }
                    rows.add(row.toString());
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** What windows by {@link #BY_HOST} have come to: {@code second host rows sum}. */
    List<String> byHost() {
        return rows(ROLLUP, "epoch(time)::BIGINT AS t, host, c, s");
    }

    @Override
    public void close() {
        writer.close();
        engine.close();
        schedulers.close();
        await(connections.close());
    }
}
