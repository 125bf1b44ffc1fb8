package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.spi.Connection;
import io.weir.r2dbc.sqlite.SqliteConnectionConfiguration;
import io.weir.r2dbc.sqlite.SqliteConnectionFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class SqliteCatalogTest extends CatalogContract {

    @TempDir
    Path directory;

    @Override
    CatalogConnections open(String name) {
        return CatalogConnections.sqlite(directory.resolve(name + ".db"), 4);
    }

    @Override
    List<String> planOfASearch(String sql) {
        return list(sql().sql("EXPLAIN QUERY PLAN " + sql)
                        .map(row -> Rows.text(row, 3))
                        .all())
                .stream()
                .filter(step -> step.contains("files"))
                .map(step -> step.replace("min_micros>", "min_micros >").replace("min_micros<", "min_micros <"))
                .toList();
    }

    @Test
    void migratingManyFilesIsNotHeldToTheTimeOfAStatement() {
        CatalogConnections old = open("old");
        await(new Migrations(old.factory(), Migrations.FILES.subList(0, 2)).run());
        DatabaseClient client = DatabaseClient.create(old.factory());
        await(client.sql(
                        "INSERT INTO databases (id, organisation, name, created_micros) VALUES (1, 'default', 'iot', 0)")
                .then());
        await(client.sql("INSERT INTO measurements (id, database_id, name) VALUES (2, 1, 'cpu')")
                .then());
        await(client.sql("INSERT INTO files (object_key, measurement_id, flush_id, min_micros, max_micros, row_count,"
                        + " size_bytes) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
                        + " SELECT 'f' || i, 2, 'f', i, i + 4000000000, 1, 1 FROM n")
                .then());
        await(old.close());
        PoolLimits impatient = new PoolLimits(
                1, 10, OPERATION, OPERATION, Duration.ofMillis(1), Duration.ofMinutes(1), Duration.ofMinutes(1));
        CatalogConnections pool = CatalogConnections.sqlite(directory.resolve("old.db"), impatient);
        Catalog catalog = new R2dbcCatalog(pool.factory(), Clock.systemUTC(), OPERATION);
        await(catalog.migrate());
        StepVerifier.create(DatabaseClient.create(pool.factory())
                        .sql("SELECT count(*) FROM files a, files b")
                        .then())
                .expectErrorSatisfies(
                        e -> assertThat(e).as("the limit is back").hasMessageContaining("statementTimeout"))
                .verify(PATIENCE);
        await(pool.close());
    }

    @Test
    void aLockHeldForAMomentIsWaitedFor() { // REQUIREMENTS S5
        await(catalog().createDatabase(IOT));
        SqliteConnectionFactory other = SqliteConnectionFactory.of(SqliteConnectionConfiguration.builder()
                .path(directory.resolve("catalog.db"))
                .build());
        Connection holder = await(other.create());
        await(Mono.from(holder.beginTransaction()));
        StepVerifier.create(catalog().addColumns(CPU, List.of(HOST), false))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(300))
                .then(() -> await(Mono.from(holder.rollbackTransaction())))
                .expectNextCount(1)
                .expectComplete()
                .verify(PATIENCE);
        assertThat(connections().locked()).isPositive();
        assertThat(connections().lockedTooLong()).isZero();
        await(Mono.from(other.close()));
    }

    @Test
    void operationsAreTimed() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        connections().timers().forEach(timer -> timer.bindTo(registry));
        await(catalog().createDatabase(IOT));
        assertThat(registry.get("weir.catalog.operations")
                        .tag("outcome", "ok")
                        .timer()
                        .count())
                .isPositive();
    }
}
