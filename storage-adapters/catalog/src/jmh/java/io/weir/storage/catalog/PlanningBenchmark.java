package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactoryOptions;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.testing.PostgresPeer;
import io.weir.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.r2dbc.core.DatabaseClient;

/**
 * What a query waits for the catalog when a measurement has a million files, 100 an hour and one of a day among each 2,400:
 * its schema, the files of one hour, and which of three flushes are committed.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PlanningBenchmark {

    private static final int FILES = 1_000_000;
    private static final int FILES_AN_HOUR = 100;
    private static final int FILES_A_DAY = 24 * FILES_AN_HOUR;
    private static final long HOUR = 3_600_000_000L;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final TableId TABLE = new DatabaseId("default", "iot").table("cpu");

    /** Where the catalog is. */
    public enum Backend {
        SQLITE,
        POSTGRESQL
    }

    @Param({"SQLITE", "POSTGRESQL"})
    public Backend backend;

    private final Random random = new Random(1);
    private Path directory;
    private CatalogConnections connections;
    private Catalog catalog;

    @Setup
    public void make() throws IOException {
        directory = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "planning");
        connections =
                backend == Backend.SQLITE ? CatalogConnections.sqlite(directory.resolve("catalog.db"), 4) : postgres();
        catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), PATIENCE);
        catalog.migrate().block();
        catalog.createDatabase(TABLE.databaseId()).block();
        List<Column> columns = IntStream.range(0, 20)
                .mapToObj(n -> new Column("c" + n, ColumnType.FLOAT64))
                .toList();
        catalog.addColumns(TABLE, columns, false).block();
        DatabaseClient client = DatabaseClient.create(connections.factory());
        run(
                client,
                "INSERT INTO files (object_key, measurement_id, flush_id, span_class, min_micros, max_micros,"
                        + " row_count, size_bytes) WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1"
                        + " FROM n WHERE i < " + (FILES - 1) + ") SELECT 'default/iot/cpu/2026/01/01/00/'"
                        + " || i || '-0.parquet', m.id, i, CASE WHEN i % " + FILES_A_DAY + " = 0 THEN 1 ELSE 0 END,"
                        + " i / " + FILES_AN_HOUR + " * " + HOUR + ", i / " + FILES_AN_HOUR + " * " + HOUR
                        + " + CASE WHEN i % " + FILES_A_DAY + " = 0 THEN 24 ELSE 1 END * " + HOUR
                        + " - 1, 1000, 100000 FROM n, measurements m");
        run(client, "ANALYZE");
    }

    private static CatalogConnections postgres() {
        PostgresPeer peer = PostgresPeer.find();
        String schema = "planning_" + UUID.randomUUID().toString().replace("-", "");
        PoolLimits limits = new PoolLimits(4, 10, PATIENCE, PATIENCE, PATIENCE, PATIENCE, PATIENCE);
        return CatalogConnections.postgres(
                ConnectionFactoryOptions.parse(peer.url(schema))
                        .mutate()
                        .option(ConnectionFactoryOptions.USER, peer.user())
                        .option(ConnectionFactoryOptions.PASSWORD, peer.password())
                        .build(),
                limits);
    }

    private static void run(DatabaseClient client, String sql) {
        client.sql(sql).then().block(PATIENCE);
    }

    /** The files of one hour. */
    @Benchmark
    public int hour() {
        return plan(1);
    }

    /** The files of a day. */
    @Benchmark
    public int day() {
        return plan(24);
    }

    private int plan(int hours) {
        long from = random.nextInt(FILES / FILES_AN_HOUR - hours) * HOUR;
        TimeRange range = new TimeRange(from, from + hours * HOUR - 1);
        return catalog.snapshot(TABLE, range, List.of("a", "b", "c"))
                .block()
                .files()
                .size();
    }

    @TearDown
    public void remove() {
        connections.close().block();
        Trees.remove(directory);
    }
}
