package io.weir.standalone.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.http.EdgeConfiguration;
import io.weir.common.observe.MetricsConfiguration;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestConfiguration;
import io.weir.ingest.IngestService;
import io.weir.ingest.mqtt.MqttSubscriber;
import io.weir.ingest.wal.WalSettings;
import io.weir.query.edge.QueryConfiguration;
import io.weir.query.engine.QueryDirectories;
import io.weir.query.engine.QueryProperties;
import io.weir.query.snapshot.TableCatalog;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.setup.StorageSettings;
import io.weir.storage.setup.Stores;
import io.weir.storage.upkeep.ReaderPresence;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Import;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Both services on embedded defaults: SQLite catalog, local object store, everything in one data directory; or on the object
 * store that {@code weir.storage.*} names.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(StorageSettings.class)
@Import({
    EdgeConfiguration.class,
    MetricsConfiguration.class,
    IngestConfiguration.class,
    QueryConfiguration.class,
    UpkeepConfiguration.class
})
class StandaloneConfiguration {

    private static final int CATALOG_CONNECTIONS = 4;
    private static final Duration CATALOG_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration MIGRATION_TIMEOUT = Duration.ofMinutes(5);

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean(destroyMethod = "close")
    WeirSchedulers schedulers() {
        return WeirSchedulers.forCores(Runtime.getRuntime().availableProcessors());
    }

    @Bean(destroyMethod = "")
    CatalogConnections catalogConnections(DataDirectory directory) {
        return CatalogConnections.sqlite(directory.catalog(), CATALOG_CONNECTIONS);
    }

    /** Closes the catalog's connections once nothing uses them any more. */
    @Bean
    AutoCloseable catalogCloser(CatalogConnections connections) {
        return () -> connections.close().block(CATALOG_TIMEOUT);
    }

    /** Depends on its closer, so that whatever uses the catalog is closed before its connections are. */
    @Bean
    @DependsOn("catalogCloser")
    R2dbcCatalog catalog(CatalogConnections connections, Clock clock) {
        R2dbcCatalog catalog = new R2dbcCatalog(connections.factory(), clock, CATALOG_TIMEOUT);
        catalog.migrate().block(MIGRATION_TIMEOUT);
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

    @Bean
    IngestService.Places ingestPlaces(DataDirectory directory) {
        return new IngestService.Places(directory.wal(), directory.work(), "");
    }

    @Bean
    QueryDirectories queryDirectories(DataDirectory directory, Stores stores) {
        return new QueryDirectories(List.of(stores.directory()), directory.spill());
    }

    @Bean
    TableCatalog tableCatalog(Catalog catalog, Stores stores, ReaderPresence readers) {
        return new CatalogTables(catalog, stores.files(), readers);
    }

    @Bean
    RouterFunction<ServerResponse> healthRoutes(ObjectProvider<MqttSubscriber> mqtt, Stores stores) {
        return new HealthRoutes(mqtt::getIfAvailable, stores.health()).routes();
    }

    @Bean
    StartBanner startBanner(
            WebServerApplicationContext context,
            @Value("${server.address}") String address,
            DataDirectory directory,
            StorageSettings storage,
            WalSettings wal,
            IngestService ingest,
            QueryProperties queries) {
        return new StartBanner(context, address, directory, storage, wal, ingest, queries);
    }
}
