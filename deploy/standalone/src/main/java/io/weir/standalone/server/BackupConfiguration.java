package io.weir.standalone.server;

import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestService;
import io.weir.storage.backup.Backup;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.setup.StorageSettings;
import io.weir.storage.upkeep.ReaderPresence;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Backups of the catalog and its files, with the rows of this process. */
@Configuration(proxyBeanMethods = false)
class BackupConfiguration {

    @Bean
    Backup backup(
            R2dbcCatalog catalog,
            ObjectStore store,
            ReaderPresence readers,
            IngestService ingest,
            DataDirectory directory,
            Clock clock,
            WeirSchedulers schedulers) {
        return new Backup(catalog.contents(), store, readers, ingest.flush(), directory.work(), clock, schedulers.io());
    }

    @Bean(destroyMethod = "close")
    BackupJobs backupJobs(Backup backup, StorageSettings settings, Clock clock, WeirSchedulers schedulers) {
        return new BackupJobs(backup, settings, clock, schedulers.io());
    }

    @Bean
    RouterFunction<ServerResponse> backupRoutes(BackupJobs jobs) {
        return new BackupRoutes(jobs).routes();
    }
}
