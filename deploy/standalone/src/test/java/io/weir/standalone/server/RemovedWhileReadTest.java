package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.auth.Principal;
import io.weir.common.hot.HotRows;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.supervise.Supervisor;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryRunner;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.FileChange;
import io.weir.storage.catalog.FlushCommit;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.object.StorageKeys;
import io.weir.storage.upkeep.OrphanSweep;
import io.weir.storage.upkeep.ReaderPresence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A query reads its files to the end, whatever replaces them meanwhile; then they go. LESSONS 19, 39. */
class RemovedWhileReadTest {

    private static final TableId TABLE = new DatabaseId("default", "iot").table("m");
    private static final int ROWS = 200;
    private static final int COPIES = 5_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Scheduler io = Schedulers.newBoundedElastic(4, 1_000, "weir-io-test", 10, true);

    @TempDir
    Path directory;

    private Path objects;
    private CatalogConnections connections;
    private R2dbcCatalog catalog;
    private LocalObjectStore store;
    private ReaderPresence readers;
    private Supervisor renewals;
    private DuckDbEngine engine;
    private QueryRunner runner;

    @BeforeEach
    void open() throws IOException {
        objects = Files.createDirectory(directory.resolve("objects"));
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), PATIENCE);
        await(catalog.migrate());
        await(catalog.createDatabase(TABLE.databaseId()));
        await(catalog.addColumns(TABLE, List.of(new Column("v", ColumnType.INT64)), false));
        store = new LocalObjectStore(objects, io);
        readers = new ReaderPresence(catalog.upkeep(), "reader", Duration.ofMillis(10), ReaderPresence.LEASE);
        renewals = Renewals.of(readers);
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(objects), directory.resolve("spill"), 256L << 20, 2, 4, 64, PATIENCE, PATIENCE));
        CatalogTables tables = new CatalogTables(catalog, store, readers, Set.of());
        runner = new QueryRunner(
                engine, tables, new TableResolver(tables, new SnapshotReader(HotRows.NONE, tables)), true);
    }

    @AfterEach
    void close() {
        engine.close();
        renewals.close();
        readers.close();
        await(connections.close());
        io.dispose();
    }

    private static <T> T await(Mono<T> mono) {
        return mono.block(PATIENCE);
    }

    /** Puts a file with values {@code [from, from + rows)}. */
    private DataFile put(String flushId, int from, int rows) throws IOException, SQLException {
        String key = StorageKeys.dataFile("", TABLE, 0, flushId, 0);
        Path file = objects.resolve(flushId);
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT make_timestamptz(range) AS time, range AS v FROM range(" + from + ", "
                    + (from + rows) + ")) TO '" + file + "' (FORMAT parquet, FIELD_IDS {time: 1, v: 3})");
        }
        long bytes = Files.size(file);
        await(store.put(key, file));
        return new DataFile(key, from, from + rows - 1L, rows, bytes);
    }

    private Flux<byte[]> run(String sql) {
        Query query = new Query(
                Principal.unrestricted(TABLE.organisation(), "tester"),
                TABLE.database(),
                sql,
                QueryParameters.none(),
                PATIENCE);
        return runner.run(query, ResultFormat.NDJSON.encoder(new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE), 0));
    }

    private static long lines(byte[] chunk) {
        long lines = 0;
        for (byte b : chunk) {
            lines += b == '\n' ? 1 : 0;
        }
        return lines;
    }

    /** Removes whatever nobody needs, without any grace. @return how many objects */
    private long sweep() {
        OrphanSweep sweep = new OrphanSweep(store, catalog.upkeep(), Duration.ofNanos(1), Clock.systemUTC());
        return await(sweep.run()).removed();
    }

    private long renewed() {
        return await(DatabaseClient.create(connections.factory())
                .sql("SELECT expires_micros FROM readers")
                .map(row -> ((Number) row.get(0)).longValue())
                .one());
    }

    @Test
    void aQueryReadsFilesThatACompactionReplacedAndThenTheyGo() throws IOException, SQLException {
        DataFile first = put("0123456789abcdef0123456789aa", 0, ROWS);
        DataFile second = put("0123456789abcdef0123456789ab", ROWS, ROWS);
        await(catalog.commit(new FlushCommit("f", TABLE, "wal", 1, 1, List.of(first, second), List.of())));
        Iterator<byte[]> chunks =
                run("SELECT v FROM m, range(" + COPIES + ")").toIterable(1).iterator();
        long rows = lines(chunks.next());
        DataFile both = put("0123456789abcdef0123456789ac", 0, 2 * ROWS);
        List<String> replaced = List.of(first.objectKey(), second.objectKey());
        await(catalog.change(new FileChange("c", TABLE, List.of(both), replaced, null)));
        for (int renewals = 0; renewals < 3; renewals++) {
            long before = renewed();
            Awaitility.await().atMost(PATIENCE).until(() -> renewed() > before);
            assertThat(sweep()).as("of files that a query reads").isZero();
        }
        assertThat(replaced).allSatisfy(key -> assertThat(objects.resolve(key)).exists());
        while (chunks.hasNext()) {
            rows += lines(chunks.next());
        }
        assertThat(rows).as("a whole result").isEqualTo(2L * ROWS * COPIES);
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(10, TimeUnit.MILLISECONDS)
                .until(() -> sweep() > 0);
        assertThat(replaced).allSatisfy(key -> assertThat(objects.resolve(key)).doesNotExist());
        assertThat(objects.resolve(both.objectKey())).exists();
        assertThat(run("SELECT count(*) AS c, sum(v) AS s FROM m")
                        .map(String::new)
                        .collectList()
                        .block(PATIENCE))
                .containsExactly("{\"c\":400,\"s\":79800}\n");
    }
}
