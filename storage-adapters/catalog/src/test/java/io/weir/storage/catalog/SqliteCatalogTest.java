package io.weir.storage.catalog;

import io.r2dbc.spi.Connection;
import io.weir.r2dbc.sqlite.SqliteConnectionConfiguration;
import io.weir.r2dbc.sqlite.SqliteConnectionFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
        await(Mono.from(other.close()));
    }
}
