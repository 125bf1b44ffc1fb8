package io.weir.standalone.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.catalog.Leases;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.setup.StorageSettings;
import io.weir.storage.upkeep.OrphanSettings;
import io.weir.storage.upkeep.OrphanSweep;
import io.weir.storage.upkeep.OrphanWorker;
import io.weir.storage.upkeep.ReaderPresence;
import io.weir.storage.upkeep.StoreOwnership;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What keeps the object store in step with the catalog: this process among the readers, and the removal of orphans. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(OrphanSettings.class)
class UpkeepConfiguration {

    private static final Duration BEGIN_PATIENCE = Duration.ofSeconds(30);

    /** Queries begin only after this process is among the readers. */
    @Bean(destroyMethod = "close")
    ReaderPresence readerPresence(CatalogUpkeep upkeep) {
        ReaderPresence presence =
                new ReaderPresence(upkeep, UUID.randomUUID().toString(), ReaderPresence.INTERVAL, ReaderPresence.LEASE);
        presence.begin().block(BEGIN_PATIENCE);
        return presence;
    }

    @Bean(destroyMethod = "close")
    StoreAtStart storeAtStart(ObjectStore store, CatalogUpkeep upkeep, StorageSettings settings) {
        StoreAtStart look = new StoreAtStart(new StoreOwnership(store, upkeep), settings.place());
        look.look().block(BEGIN_PATIENCE);
        return look;
    }

    @Bean
    OrphanWorker orphanWorker(
            ObjectStore store,
            CatalogUpkeep upkeep,
            Leases leases,
            OrphanSettings settings,
            WeirSchedulers schedulers,
            Clock clock,
            MeterRegistry registry) {
        OrphanSweep sweep = new OrphanSweep(store, upkeep, settings.grace(), clock);
        return new OrphanWorker(sweep, leases, settings, schedulers.io(), registry);
    }
}
