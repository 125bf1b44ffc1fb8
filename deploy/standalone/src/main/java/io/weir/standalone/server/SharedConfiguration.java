package io.weir.standalone.server;

import io.weir.access.AuthSettings;
import io.weir.common.health.HealthDetail;
import io.weir.common.health.HealthSettings;
import io.weir.common.health.HealthWatch;
import io.weir.common.http.EdgeConfiguration;
import io.weir.common.http.LoopWatch;
import io.weir.common.observe.MetricsConfiguration;
import io.weir.common.supervise.LoopStatus;
import io.weir.common.supervise.Supervisor;
import io.weir.common.trace.TraceConfiguration;
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
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.R2dbcDeletes;
import io.weir.storage.catalog.setup.CatalogSettings;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.EngineStatus;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.setup.StorageSettings;
import io.weir.storage.setup.Stores;
import io.weir.storage.upkeep.ReaderPresence;
import io.weir.storage.upkeep.StoreOwnership;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** What a server of every role has: who may use it, the edge, metrics, health, the catalog and the object store. */
@Configuration(proxyBeanMethods = false)
@Import({
    AccessConfiguration.class, // says who callers are, before the edge would let everybody in
    EdgeConfiguration.class,
    MetricsConfiguration.class,
    RedisConfiguration.class,
    StorageConfiguration.class,
    BackgroundConfiguration.class,
    HealthConfiguration.class,
    TraceConfiguration.class
})
class SharedConfiguration {

    private static final Duration BEGIN_PATIENCE = Duration.ofSeconds(30);

    /** Of tables that the catalog has made. */
    @Bean
    @DependsOn("catalog")
    Deletes deletes(CatalogSettings catalog, CatalogConnections connections, AuthSettings access, Clock clock) {
        return new R2dbcDeletes(connections.factory(), clock, catalog.timeout(), access.auditEntries());
    }

    /**
     * This process among the readers of the catalog, before any query or backup can begin. The first of the loops, and so the
     * last that is stopped.
     */
    @Bean(destroyMethod = "close")
    @Order(Ordered.HIGHEST_PRECEDENCE)
    ReaderPresence readerPresence(CatalogUpkeep upkeep) {
        return new ReaderPresence(upkeep, UUID.randomUUID().toString(), ReaderPresence.INTERVAL, ReaderPresence.LEASE);
    }

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
            CatalogHealth catalog,
            HealthWatch watch,
            HealthSettings settings,
            LoopWatch loops,
            ObjectProvider<HealthDetail> details,
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
                        catalog::status,
                        () -> queries(engine.getIfAvailable()),
                        () -> loops(supervisor.getIfAvailable()),
                        () -> quarantined(compactor.getIfAvailable()),
                        watch,
                        () -> isStuck(loops, settings),
                        details.orderedStream().toList())
                .routes();
    }

    private static boolean isStuck(LoopWatch loops, HealthSettings settings) {
        return !settings.stuckAfter().isZero() && loops.stall().compareTo(settings.stuckAfter()) > 0;
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
