package io.weir.storage.catalog;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A migrated catalog over an empty database for each test. */
abstract class CatalogFixture {

    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final Duration OPERATION = Duration.ofSeconds(20);
    static final DatabaseId IOT = new DatabaseId("default", "iot");
    static final TableId CPU = IOT.table("cpu");
    static final TableId MEM = IOT.table("mem");
    static final Column HOST = new Column("host", ColumnType.TAG);
    static final Column LOAD = new Column("load", ColumnType.FLOAT64);

    private CatalogConnections connections;
    private R2dbcCatalog catalog;

    /** Another pool of connections to the test's database of that name, which is empty at first. */
    abstract CatalogConnections open(String name);

    /** Gives the times recorded in the catalog. */
    Clock clock() {
        return Clock.systemUTC();
    }

    @BeforeEach
    void migrate() {
        reopen();
        await(catalog.migrate());
    }

    @AfterEach
    void everyConnectionIsBackInThePool() { // REQUIREMENTS S5
        Awaitility.await().atMost(PATIENCE).until(() -> connections.acquired() == 0); // those of cancelled operations
        await(connections.close());
    }

    /** From now on a new catalog over the same database. */
    final void reopen() {
        if (connections != null) {
            await(connections.close());
        }
        connections = open("catalog");
        catalog = new R2dbcCatalog(connections.factory(), clock(), OPERATION);
    }

    final Catalog catalog() {
        return catalog;
    }

    final CatalogConnections connections() {
        return connections;
    }

    final CatalogUpkeep upkeep() {
        return catalog.upkeep();
    }

    final TableHistory history() {
        return catalog.history();
    }

    final Leases leases() {
        return new R2dbcLeases(connections.factory(), OPERATION);
    }

    /** What the database says. */
    final DatabaseClient sql() {
        return DatabaseClient.create(connections.factory());
    }

    final void prepareCpu() {
        await(catalog().createDatabase(IOT));
        await(catalog().addColumns(CPU, List.of(HOST), false));
    }

    static FlushCommit flush(String id, long first, long last, int files) {
        List<DataFile> all = IntStream.range(0, files)
                .mapToObj(n -> new DataFile(id + "-" + n, n * 10L, n * 10L + 9, 100 + n, 4096))
                .toList();
        return new FlushCommit(id, CPU, "wal-a", first, last, all);
    }

    /** How SQLite answers a statement. */
    final String plan(String statement) {
        return String.join(
                "\n",
                list(sql().sql("EXPLAIN QUERY PLAN " + statement.replace(":most", "10"))
                        .map(row -> Rows.text(row, 3))
                        .all()));
    }

    static <T> T await(Mono<T> mono) {
        return mono.block(PATIENCE);
    }

    static <T> List<T> list(Flux<T> flux) {
        return await(flux.collectList());
    }
}
