package io.weir.standalone.server;

import io.weir.access.AuthSettings;
import io.weir.ingest.IngestConfiguration;
import io.weir.ingest.IngestService;
import io.weir.ingest.compaction.CompactionConfiguration;
import io.weir.ingest.retention.RetentionConfiguration;
import io.weir.ingest.rewrite.RewriteConfiguration;
import io.weir.ingest.rewrite.RewriteDirectories;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.R2dbcRetentionPolicies;
import io.weir.storage.catalog.RetentionPolicies;
import io.weir.storage.catalog.setup.CatalogSettings;
import io.weir.storage.setup.Stores;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Import;

/** The ingest service over a data directory, and the upkeep of the object store. */
@Configuration(proxyBeanMethods = false)
@Import({
    IngestConfiguration.class,
    CompactionConfiguration.class,
    RewriteConfiguration.class,
    RetentionConfiguration.class,
    UpkeepConfiguration.class,
    BackupConfiguration.class
})
class IngestRoleConfiguration {

    @Bean
    IngestService.Places ingestPlaces(DataDirectory directory) {
        return places(directory);
    }

    /** Where a server's write path keeps things. */
    static IngestService.Places places(DataDirectory directory) {
        return new IngestService.Places(directory.wal(), directory.work(), "");
    }

    @Bean
    RewriteDirectories rewriteDirectories(DataDirectory directory, Stores stores) {
        return new RewriteDirectories(stores.directory(), directory.work().resolve("rewriting"));
    }

    /** In tables that the catalog has made. */
    @Bean
    @DependsOn("catalog")
    RetentionPolicies retentionPolicies(CatalogSettings settings, CatalogConnections connections, AuthSettings access) {
        return new R2dbcRetentionPolicies(connections.factory(), settings.timeout(), access.auditEntries());
    }
}
