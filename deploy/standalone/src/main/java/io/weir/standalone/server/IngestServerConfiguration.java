package io.weir.standalone.server;

import io.weir.ingest.internal.InternalConfiguration;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.KeyClaims;
import io.weir.storage.catalog.R2dbcKeyClaims;
import io.weir.storage.catalog.setup.CatalogSettings;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Import;

/**
 * The ingest service alone, one of several over a catalog, with the internal port. That comes first: it is closed last, when
 * the rows it shows are in files.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({InternalConfiguration.class, SharedConfiguration.class, IngestRoleConfiguration.class})
class IngestServerConfiguration {

    /** In tables that the catalog has made. */
    @Bean
    @DependsOn("catalog")
    KeyClaims keyClaims(CatalogSettings settings, CatalogConnections connections) {
        return new R2dbcKeyClaims(connections.factory(), settings.timeout());
    }
}
