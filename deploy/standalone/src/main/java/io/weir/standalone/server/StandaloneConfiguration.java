package io.weir.standalone.server;

import io.weir.common.http.EdgeConfiguration;
import io.weir.common.observe.MetricsConfiguration;
import io.weir.common.supervise.Supervisor;
import io.weir.ingest.IngestConfiguration;
import io.weir.ingest.IngestService;
import io.weir.ingest.compaction.CompactionConfiguration;
import io.weir.ingest.compaction.Compactor;
import io.weir.ingest.mqtt.MqttSubscriber;
import io.weir.ingest.wal.WalSettings;
import io.weir.query.edge.QueryConfiguration;
import io.weir.query.engine.QueryDirectories;
import io.weir.query.engine.QueryProperties;
import io.weir.query.lastvalue.FileLog;
import io.weir.query.snapshot.TableCatalog;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.CatalogHealth;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.catalog.setup.CatalogSettings;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.setup.StorageSettings;
import io.weir.storage.setup.Stores;
import io.weir.storage.upkeep.ReaderPresence;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Both services on embedded defaults: SQLite catalog, local object store, everything in one data directory; or on the object
 * store that {@code weir.storage.*} and the catalog that {@code weir.catalog.*} name.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({
    EdgeConfiguration.class,
    MetricsConfiguration.class,
    IngestConfiguration.class,
    QueryConfiguration.class,
    CompactionConfiguration.class,
    StorageConfiguration.class,
    UpkeepConfiguration.class,
    BackgroundConfiguration.class
})
class StandaloneConfiguration {

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
    FileLog fileLog(R2dbcCatalog catalog, Stores stores, ReaderPresence readers) {
        return new CatalogFileLog(catalog.history(), new HeldFiles(stores.files()), readers);
    }

    @Bean
    RouterFunction<ServerResponse> healthRoutes(
            ObjectProvider<MqttSubscriber> mqtt,
            Stores stores,
            StoreAtStart storeAtStart,
            CatalogConnections connections,
            DuckDbEngine engine,
            Supervisor supervisor,
            Compactor compactor) {
        return new HealthRoutes(
                        mqtt::getIfAvailable,
                        stores.health(),
                        stores.attemptLimits(),
                        storeAtStart::problem,
                        new CatalogHealth(connections.factory())::status,
                        engine::status,
                        supervisor::status,
                        compactor::quarantinedFiles)
                .routes();
    }

    @Bean
    StartBanner startBanner(
            WebServerApplicationContext context,
            @Value("${server.address}") String address,
            DataDirectory directory,
            StorageSettings storage,
            CatalogSettings catalog,
            WalSettings wal,
            IngestService ingest,
            QueryProperties queries) {
        return new StartBanner(context, address, directory, storage, catalog, wal, ingest, queries);
    }
}
