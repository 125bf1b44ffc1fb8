package io.weir.standalone.server;

import io.weir.access.AuthSettings;
import io.weir.query.continuous.ContinuousConfiguration;
import io.weir.query.continuous.ContinuousPlaces;
import io.weir.query.edge.DeleteConfiguration;
import io.weir.query.edge.QueryConfiguration;
import io.weir.query.engine.QueryDirectories;
import io.weir.query.lastvalue.FileLog;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.tail.TailConfiguration;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.ContinuousQueries;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.catalog.R2dbcContinuousQueries;
import io.weir.storage.catalog.setup.CatalogSettings;
import io.weir.storage.setup.Stores;
import io.weir.storage.upkeep.ReaderPresence;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/** The query service over a data directory. */
@Configuration(proxyBeanMethods = false)
@Import({QueryConfiguration.class, DeleteConfiguration.class, TailConfiguration.class, ContinuousConfiguration.class})
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

    @Bean
    ContinuousPlaces continuousPlaces(DataDirectory directory) {
        return new ContinuousPlaces(directory.work(), "");
    }

    /** In tables that the catalog has made. */
    @Bean
    @DependsOn("catalog")
    ContinuousQueries continuousQueries(
            CatalogSettings settings, CatalogConnections connections, AuthSettings access, Clock clock) {
        return new R2dbcContinuousQueries(connections.factory(), clock, settings.timeout(), access.auditEntries());
    }
}
