package io.weir.standalone.server;

import io.weir.common.http.EdgeConfiguration;
import io.weir.common.observe.MetricsConfiguration;
import io.weir.common.supervise.LoopStatus;
import io.weir.common.supervise.Supervisor;
import io.weir.ingest.IngestService;
import io.weir.ingest.compaction.Compactor;
import io.weir.ingest.mqtt.MqttSubscriber;
import io.weir.ingest.wal.WalSettings;
import io.weir.query.engine.QueryProperties;
import io.weir.query.remote.RemoteHotRows;
import io.weir.standalone.cli.ServeRole;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.CatalogHealth;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.catalog.setup.CatalogSettings;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.EngineStatus;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.setup.StorageSettings;
import io.weir.storage.setup.Stores;
import io.weir.storage.upkeep.StoreOwnership;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** What a server of every role has: who may use it, the edge, metrics, health, the catalog and the object store. */
@Configuration(proxyBeanMethods = false)
@Import({
    AccessConfiguration.class, // says who callers are, before the edge would let everybody in
    EdgeConfiguration.class,
    MetricsConfiguration.class,
    StorageConfiguration.class
})
class SharedConfiguration {

    private static final Duration BEGIN_PATIENCE = Duration.ofSeconds(30);

    @Bean(destroyMethod = "close")
    StoreAtStart storeAtStart(ObjectStore store, CatalogUpkeep upkeep, StorageSettings settings) {
        StoreAtStart look = new StoreAtStart(new StoreOwnership(store, upkeep), settings.place());
        look.look().block(BEGIN_PATIENCE);
        return look;
    }

    @Bean
    RouterFunction<ServerResponse> healthRoutes(
            ServeRole role,
            ObjectProvider<MqttSubscriber> mqtt,
            ObjectProvider<RemoteHotRows> remote,
            Stores stores,
            StoreAtStart storeAtStart,
            CatalogConnections connections,
            ObjectProvider<DuckDbEngine> engine,
            ObjectProvider<Supervisor> supervisor,
            ObjectProvider<Compactor> compactor) {
        return new HealthRoutes(
                        role,
                        mqtt::getIfAvailable,
                        () -> replicas(remote.getIfAvailable()),
                        stores.health(),
                        stores.attemptLimits(),
                        storeAtStart::problem,
                        new CatalogHealth(connections.factory())::status,
                        () -> queries(engine.getIfAvailable()),
                        () -> loops(supervisor.getIfAvailable()),
                        () -> quarantined(compactor.getIfAvailable()))
                .routes();
    }

    private static @Nullable EngineStatus queries(@Nullable DuckDbEngine engine) {
        return engine == null ? null : engine.status();
    }

    private static List<LoopStatus> loops(@Nullable Supervisor supervisor) {
        return supervisor == null ? List.of() : supervisor.status();
    }

    private static long quarantined(@Nullable Compactor compactor) {
        return compactor == null ? 0 : compactor.quarantinedFiles();
    }

    private static Map<String, String> replicas(@Nullable RemoteHotRows remote) {
        return remote == null ? Map.of() : remote.states();
    }

    @Bean
    StartBanner startBanner(
            ServeRole role,
            WebServerApplicationContext context,
            @Value("${server.address}") String address,
            AccessMode access,
            DataDirectory directory,
            StorageSettings storage,
            CatalogSettings catalog,
            ObjectProvider<WalSettings> wal,
            ObjectProvider<IngestService> ingest,
            ObjectProvider<QueryProperties> queries,
            ObjectProvider<RemoteHotRows> remote) {
        return new StartBanner(
                role,
                context,
                address,
                access,
                directory,
                storage,
                catalog,
                wal.getIfAvailable(),
                ingest.getIfAvailable(),
                queries.getIfAvailable(),
                replicas(remote.getIfAvailable()).keySet());
    }
}
