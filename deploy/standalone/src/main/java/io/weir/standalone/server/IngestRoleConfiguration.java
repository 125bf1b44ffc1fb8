package io.weir.standalone.server;

import io.weir.ingest.IngestConfiguration;
import io.weir.ingest.IngestService;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The ingest service over a data directory, and the upkeep of the object store. */
@Configuration(proxyBeanMethods = false)
@Import({IngestConfiguration.class, UpkeepConfiguration.class})
class IngestRoleConfiguration {

    @Bean
    IngestService.Places ingestPlaces(DataDirectory directory) {
        return new IngestService.Places(directory.wal(), directory.work(), "");
    }
}
