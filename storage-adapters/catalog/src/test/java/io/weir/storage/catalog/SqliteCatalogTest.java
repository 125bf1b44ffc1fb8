package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.spi.Connection;
import io.weir.common.error.WeirException;
import io.weir.r2dbc.sqlite.SqliteConnectionConfiguration;
import io.weir.r2dbc.sqlite.SqliteConnectionFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class SqliteCatalogTest extends CatalogContract {

    @TempDir
    Path directory;

    private CatalogConnections connections;
    private Catalog catalog;

    @BeforeEach
    @Override
    void migrate() {
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), Duration.ofSeconds(20));
        super.migrate();
    }

    @AfterEach
    void everyConnectionIsBackInThePool() { // REQUIREMENTS S5
        assertThat(connections.acquired()).isZero();
        await(connections.close());
    }

    @Override
    Catalog catalog() {
        return catalog;
    }

    @Test
    void whatWasCommittedIsThereAfterReopening() {
        await(catalog.createDatabase(IOT));
        await(catalog.addColumns(CPU, List.of(HOST), true));
        await(connections.close());
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), Duration.ofSeconds(20));
        await(catalog.migrate());
        assertThat(list(catalog.schemas(IOT)).get(0).schema().hasNanos()).isTrue();
    }

    @Test
    void aCatalogOfALaterVersionIsRefused() { // REQUIREMENTS L5
        await(DatabaseClient.create(connections.factory())
                .sql("INSERT INTO schema_version (version, name) VALUES (99, 'later')")
                .then());
        StepVerifier.create(catalog.migrate())
                .expectErrorSatisfies(
                        e -> assertThat(((WeirException) e).code()).isEqualTo(CatalogError.CATALOG_TOO_NEW))
                .verify(PATIENCE);
    }

    @Test
    void aLockHeldForAMomentIsWaitedFor() { // REQUIREMENTS S5
        await(catalog.createDatabase(IOT));
        SqliteConnectionFactory other = SqliteConnectionFactory.of(SqliteConnectionConfiguration.builder()
                .path(directory.resolve("catalog.db"))
                .build());
        Connection holder = await(other.create());
        await(Mono.from(holder.beginTransaction()));
        StepVerifier.create(catalog.addColumns(CPU, List.of(HOST), false))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(300))
                .then(() -> await(Mono.from(holder.rollbackTransaction())))
                .expectNextCount(1)
                .expectComplete()
                .verify(PATIENCE);
        await(Mono.from(other.close()));
    }
}
