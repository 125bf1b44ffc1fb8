package io.weir.standalone.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.catalog.CompactionQueue;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.catalog.R2dbcLeases;
import io.weir.storage.catalog.setup.CatalogMeters;
import io.weir.storage.catalog.setup.CatalogSettings;
import io.weir.storage.object.LocalFiles;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.setup.StorageSettings;
import io.weir.storage.setup.Stores;
import java.time.Clock;
import java.time.Duration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Primary;

/** The catalog and the object store of one data directory, as a server and the commands over a stopped one's data need them. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({StorageSettings.class, CatalogSettings.class})
class StorageConfiguration {

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean(destroyMethod = "close")
    WeirSchedulers schedulers() {
        return WeirSchedulers.forCores(Runtime.getRuntime().availableProcessors());
    }

    @Bean(destroyMethod = "")
    CatalogConnections catalogConnections(CatalogSettings settings, DataDirectory directory) {
        return settings.open(directory.catalog());
    }

    @Bean
    CatalogMeters catalogMeters(CatalogConnections connections) {
        return new CatalogMeters(connections);
    }

    /** Closes the catalog's connections once nothing uses them any more. */
    @Bean
    AutoCloseable catalogCloser(CatalogConnections connections) {
        return () -> connections.close().block(CLOSE_TIMEOUT);
    }

    /** Depends on its closer, so that whatever uses the catalog is closed before its connections are. */
    @Bean
    @DependsOn("catalogCloser")
    R2dbcCatalog catalog(CatalogSettings settings, CatalogConnections connections, Clock clock) {
        R2dbcCatalog catalog = new R2dbcCatalog(connections.factory(), clock, settings.timeout());
        new CatalogStart(settings).migrate(catalog).block();
        return catalog;
    }

    @Bean(destroyMethod = "close")
    Stores stores(
            StorageSettings settings, DataDirectory directory, WeirSchedulers schedulers, MeterRegistry registry) {
        return Stores.open(settings, directory.objects(), directory.cache(), schedulers.io(), registry);
    }

    @Bean
    ObjectStore objectStore(Stores stores) {
        return stores.objects();
    }

    /** Of tables that the catalog has made. */
    @Bean
    @DependsOn("catalog")
    Leases leases(CatalogSettings settings, CatalogConnections connections) {
        return new R2dbcLeases(connections.factory(), settings.timeout());
    }

    /** The one to ask for, for a local store gives its objects as files itself. */
    @Bean
    @Primary
    LocalFiles localFiles(Stores stores) {
        return stores.files();
    }

    @Bean
    CompactionQueue compactionQueue(R2dbcCatalog catalog) {
        return catalog.compaction();
    }

    @Bean
    CatalogUpkeep catalogUpkeep(R2dbcCatalog catalog) {
        return catalog.upkeep();
    }
}
