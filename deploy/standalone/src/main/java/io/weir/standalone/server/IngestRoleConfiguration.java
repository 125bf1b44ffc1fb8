package io.weir.standalone.server;

import io.weir.ingest.IngestConfiguration;
import io.weir.ingest.IngestService;
import io.weir.ingest.compaction.CompactionConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The ingest service over a data directory, and the upkeep of the object store. */
@Configuration(proxyBeanMethods = false)
@Import({
    IngestConfiguration.class,
    CompactionConfiguration.class,
    UpkeepConfiguration.class,
    BackgroundConfiguration.class
})
class IngestRoleConfiguration {

    @Bean
    IngestService.Places ingestPlaces(DataDirectory directory) {
        return new IngestService.Places(directory.wal(), directory.work(), "");
    }
}
