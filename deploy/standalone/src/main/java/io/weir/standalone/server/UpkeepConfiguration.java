package io.weir.standalone.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.catalog.Leases;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.upkeep.OrphanSettings;
import io.weir.storage.upkeep.OrphanSweep;
import io.weir.storage.upkeep.OrphanWorker;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What keeps the object store in step with the catalog: the removal of orphans, by one process at a time. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(OrphanSettings.class)
class UpkeepConfiguration {

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
