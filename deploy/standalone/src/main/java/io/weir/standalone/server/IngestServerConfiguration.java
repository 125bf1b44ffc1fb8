package io.weir.standalone.server;

import io.weir.common.live.RowBus;
import io.weir.common.live.RowListener;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.internal.InternalConfiguration;
import io.weir.query.tail.TailSettings;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.KeyClaims;
import io.weir.storage.catalog.R2dbcKeyClaims;
import io.weir.storage.catalog.setup.CatalogSettings;
import io.weir.storage.live.BusPublisher;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Import;

/**
 * The ingest service alone, one of several over a catalog, with the internal port. That comes first: it is closed last, when
 * the rows it shows are in files.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(TailSettings.class)
@Import({InternalConfiguration.class, SharedConfiguration.class, IngestRoleConfiguration.class})
class IngestServerConfiguration {

    /** In tables that the catalog has made. */
    @Bean
    @DependsOn("catalog")
    KeyClaims keyClaims(CatalogSettings settings, CatalogConnections connections) {
        return new R2dbcKeyClaims(connections.factory(), settings.timeout());
    }

    /** Rows go to query replicas where a bus connects them. */
    @Bean
    RowListener rowListener(ObjectProvider<RowBus> bus, TailSettings settings, WeirSchedulers schedulers) {
        RowBus connected = bus.getIfAvailable();
        return connected == null
                ? RowListener.NONE
                : new BusPublisher(connected, settings.busBudget(), schedulers.tail());
    }
}
