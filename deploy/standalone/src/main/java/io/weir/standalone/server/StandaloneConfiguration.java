package io.weir.standalone.server;

import io.weir.common.live.LocalRowFeed;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * Both services on embedded defaults: SQLite catalog, local object store, everything in one data directory; or on the object
 * store that {@code weir.storage.*} and the catalog that {@code weir.catalog.*} name.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({SharedConfiguration.class, IngestRoleConfiguration.class, QueryRoleConfiguration.class})
class StandaloneConfiguration {

    /** Rows go to those who listen without leaving the process. */
    @Bean
    LocalRowFeed rowFeed() {
        return new LocalRowFeed();
    }
}
