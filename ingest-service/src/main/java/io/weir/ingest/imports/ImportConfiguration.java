package io.weir.ingest.imports;

import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestService;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Imports as beans, beside a started {@link IngestService}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ImportSettings.class)
public class ImportConfiguration {

    /** Started when the log is replayed, stopped before it closes. */
    @Bean(initMethod = "start", destroyMethod = "close")
    Imports imports(
            IngestService ingest,
            IngestService.Places places,
            ImportSettings settings,
            WeirSchedulers schedulers,
            Clock clock) {
        return new Imports(ingest, settings, places.wal().resolveSibling("imports"), schedulers, clock);
    }

    @Bean
    RouterFunction<ServerResponse> importRoutes(Imports imports, IngestService ingest) {
        return new ImportRoutes(imports, ingest.quotas()).routes();
    }
}
