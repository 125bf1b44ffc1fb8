package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class SqliteUpkeepTest extends UpkeepContract {

    @TempDir
    Path directory;

    private CatalogConnections connections;
    private R2dbcCatalog catalog;

    @BeforeEach
    @Override
    void measurement() {
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        catalog = new R2dbcCatalog(connections.factory(), new TestClock(), Duration.ofSeconds(20));
        super.measurement();
    }

    @AfterEach
    void everyConnectionIsBackInThePool() { // REQUIREMENTS S5
        assertThat(connections.acquired()).isZero();
        connections.close().block(CatalogContract.PATIENCE);
    }

    @Override
    R2dbcCatalog catalog() {
        return catalog;
    }

    private final class TestClock extends Clock {
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
    }
}
