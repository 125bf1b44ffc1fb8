package io.weir.standalone.server;

import io.weir.ingest.IngestConfiguration;
import io.weir.ingest.IngestService;
import io.weir.ingest.compaction.CompactionConfiguration;
import io.weir.ingest.rewrite.RewriteConfiguration;
import io.weir.ingest.rewrite.RewriteDirectories;
import io.weir.storage.setup.Stores;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The ingest service over a data directory, and the upkeep of the object store. */
@Configuration(proxyBeanMethods = false)
@Import({
    IngestConfiguration.class,
    CompactionConfiguration.class,
    RewriteConfiguration.class,
    UpkeepConfiguration.class,
    BackgroundConfiguration.class
})
class IngestRoleConfiguration {

    @Bean
    IngestService.Places ingestPlaces(DataDirectory directory) {
        return new IngestService.Places(directory.wal(), directory.work(), "");
    }

    @Bean
    RewriteDirectories rewriteDirectories(DataDirectory directory, Stores stores) {
        return new RewriteDirectories(stores.directory(), directory.work().resolve("rewriting"));
    }
}
