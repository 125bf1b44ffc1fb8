package io.weir.ingest.rewrite;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestService;
import io.weir.ingest.ParquetSettings;
import io.weir.ingest.compaction.run.MergeStep;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.Leases;
import io.weir.storage.object.LocalFiles;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.parquet.DataFileWriter;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Rewriting as beans, beside those of compaction, whose writer it uses. Needs {@link Deletes}, {@link Leases}, {@link LocalFiles}
 * and {@link RewriteDirectories} besides; whoever supervises background loops runs the {@link DeleteWorker}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RewriteSettings.class)
public class RewriteConfiguration {

    @Bean
    MergeStep rewriteStep(
            Catalog catalog,
            ObjectStore store,
            LocalFiles files,
            DataFileWriter compactionWriter,
            ParquetSettings parquet,
            IngestService.Places places,
            WeirSchedulers schedulers) {
        return new MergeStep(
                catalog,
                store,
                files,
                compactionWriter,
                parquet.options().rowGroupRows(),
                places.keyPrefix(),
                places.work(),
                schedulers.compaction(),
                schedulers.io(),
                1);
    }

    @Bean(destroyMethod = "close")
    FileRewrite fileRewrite(
            Catalog catalog,
            LocalFiles files,
            MergeStep rewriteStep,
            RewriteDirectories directories,
            RewriteSettings settings,
            WeirSchedulers schedulers) {
        return new FileRewrite(catalog, files, rewriteStep, directories, settings, schedulers.io());
    }

    @Bean
    DeleteWorker deleteWorker(
            Deletes deletes,
            Leases leases,
            FileRewrite rewrite,
            RewriteSettings settings,
            MeterRegistry registry,
            Clock clock) {
        return new DeleteWorker(deletes, leases, rewrite, settings, registry, clock);
    }
}
