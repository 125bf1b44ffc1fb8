package io.weir.standalone.server;

import io.weir.query.edge.QueryConfiguration;
import io.weir.query.engine.QueryDirectories;
import io.weir.query.lastvalue.FileLog;
import io.weir.query.snapshot.TableCatalog;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.setup.Stores;
import io.weir.storage.upkeep.ReaderPresence;
import java.util.List;
import java.util.Set;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/** The query service over a data directory. */
@Configuration(proxyBeanMethods = false)
@Import(QueryConfiguration.class)
class QueryRoleConfiguration {

    @Bean
    QueryDirectories queryDirectories(DataDirectory directory, Stores stores) {
        return new QueryDirectories(List.of(stores.directory()), directory.spill());
    }

    @Bean
    TableCatalog tableCatalog(Catalog catalog, Stores stores, ReaderPresence readers, Environment environment) {
        Set<String> lastWins = Binder.get(environment)
                .bind("weir.compaction.last-wins", Bindable.setOf(String.class))
                .orElseGet(Set::of);
        return new CatalogTables(catalog, stores.files(), readers, lastWins);
    }

    @Bean
    FileLog fileLog(R2dbcCatalog catalog, Stores stores, ReaderPresence readers) {
        return new CatalogFileLog(catalog.history(), new HeldFiles(stores.files()), readers);
    }
}
