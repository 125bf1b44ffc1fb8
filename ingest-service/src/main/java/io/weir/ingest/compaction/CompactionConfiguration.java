package io.weir.ingest.compaction;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestService;
import io.weir.ingest.ParquetSettings;
import io.weir.ingest.compaction.run.MergeStep;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CompactionQueue;
import io.weir.storage.catalog.Leases;
import io.weir.storage.object.LocalFiles;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.parquet.DataFileOptions;
import io.weir.storage.parquet.DataFileWriter;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Compaction as beans, beside those of the ingest service. Needs a {@link CompactionQueue}, {@link Leases} and {@link
 * LocalFiles} besides; whoever supervises background loops runs the {@link Compactor}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CompactionSettings.class)
public class CompactionConfiguration {

    @Bean(destroyMethod = "close")
    DataFileWriter compactionWriter(ParquetSettings parquet) {
        return new DataFileWriter(parquet.options());
    }

    @Bean
    Compactor compactor(
            Catalog catalog,
            CompactionQueue queue,
            Leases leases,
            ObjectStore store,
            LocalFiles files,
            DataFileWriter compactionWriter,
            ParquetSettings parquet,
            IngestService.Places places,
            CompactionSettings settings,
            WeirSchedulers schedulers,
            Clock clock,
            MeterRegistry registry) {
        DataFileOptions options = parquet.options();
        MergeStep step = new MergeStep(
                catalog,
                store,
                files,
                compactionWriter,
                options.rowGroupRows(),
                places.keyPrefix(),
                places.work(),
                schedulers.compaction(),
                schedulers.io(),
                settings.parallelism());
        CompactionMetrics metrics = new CompactionMetrics(registry);
        PartitionCompaction partitions = new PartitionCompaction(catalog, queue, step, settings, metrics, clock);
        return new Compactor(queue, leases, step, partitions, settings, metrics, clock);
    }

    @Bean
    RouterFunction<ServerResponse> compactionRoutes(
            Compactor compactor, CompactionQueue queue, CompactionSettings settings, Clock clock) {
        return new CompactionRoutes(compactor, queue, settings, clock).routes();
    }
}
