package io.weir.standalone.server;

import io.weir.query.edge.QueryConfiguration;
import io.weir.query.engine.QueryDirectories;
import io.weir.query.lastvalue.FileLog;
import io.weir.query.snapshot.TableCatalog;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.setup.Stores;
import io.weir.storage.upkeep.ReaderPresence;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The query service over a data directory, and this process among the readers of the catalog. */
@Configuration(proxyBeanMethods = false)
@Import(QueryConfiguration.class)
class QueryRoleConfiguration {

    private static final Duration BEGIN_PATIENCE = Duration.ofSeconds(30);

    @Bean
    QueryDirectories queryDirectories(DataDirectory directory, Stores stores) {
        return new QueryDirectories(List.of(stores.directory()), directory.spill());
    }

    @Bean
    TableCatalog tableCatalog(Catalog catalog, Stores stores, ReaderPresence readers) {
        return new CatalogTables(catalog, stores.files(), readers);
    }

    @Bean
    FileLog fileLog(R2dbcCatalog catalog, Stores stores, ReaderPresence readers) {
        return new CatalogFileLog(catalog.history(), new HeldFiles(stores.files()), readers);
    }

    /** Queries begin only after this process is among the readers. */
    @Bean(destroyMethod = "close")
    ReaderPresence readerPresence(CatalogUpkeep upkeep) {
        ReaderPresence presence =
                new ReaderPresence(upkeep, UUID.randomUUID().toString(), ReaderPresence.INTERVAL, ReaderPresence.LEASE);
        presence.begin().block(BEGIN_PATIENCE);
        return presence;
    }
}
