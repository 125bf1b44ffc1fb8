package io.weir.query.continuous;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.query.engine.QueryRunner;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.ContinuousQueries;
import io.weir.storage.catalog.Leases;
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
 * Continuous queries as beans, beside those of the query service. Needs a catalog, {@link ContinuousQueries}, {@link Leases},
 * an object store and {@link ContinuousPlaces}; whoever supervises background loops runs the {@link ContinuousWorker}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ContinuousSettings.class)
public class ContinuousConfiguration {

    /** Small files, which compaction writes anew as the operator wants files to be. */
    @Bean(destroyMethod = "close")
    DataFileWriter windowWriter() {
        return new DataFileWriter(DataFileOptions.DEFAULT);
    }

    @Bean
    ContinuousRunner continuousRunner(
            QueryRunner runner,
            Catalog catalog,
            ContinuousQueries queries,
            ObjectStore store,
            DataFileWriter windowWriter,
            ContinuousPlaces places,
            ContinuousSettings settings,
            WeirSchedulers schedulers,
            Clock clock,
            MeterRegistry registry) {
        return new ContinuousRunner(
                new WindowQuery(runner, catalog, settings),
                new WindowFiles(catalog, store, windowWriter, places, schedulers.flush()),
                queries,
                new ContinuousMetrics(registry),
                settings,
                clock);
    }

    @Bean
    ContinuousWorker continuousWorker(
            ContinuousQueries queries,
            Leases leases,
            ContinuousRunner runner,
            ContinuousSettings settings,
            Clock clock) {
        return new ContinuousWorker(queries, leases, runner, settings, clock);
    }

    @Bean
    RouterFunction<ServerResponse> continuousRoutes(
            ContinuousQueries queries,
            Catalog catalog,
            QueryRunner queryRunner,
            ContinuousWorker worker,
            ContinuousRunner runner,
            Clock clock) {
        return new ContinuousRoutes(queries, catalog, new DefinitionReader(queryRunner, clock), worker, runner, clock)
                .routes();
    }
}
