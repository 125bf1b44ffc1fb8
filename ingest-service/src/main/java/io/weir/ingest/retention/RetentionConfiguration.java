package io.weir.ingest.retention;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestService;
import io.weir.ingest.rewrite.FileRewrite;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.RetentionPolicies;
import java.time.Clock;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Retention as beans. Needs {@link RetentionPolicies}, and the beans of rewriting; whoever supervises background loops runs the {@link RetentionWorker}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RetentionSettings.class)
public class RetentionConfiguration {

    @Bean
    ExpiredHotRows expiredHotRows(IngestService ingest, WeirSchedulers schedulers) {
        return new ExpiredHotRows(ingest::hotTables, ingest, ingest, schedulers.decode());
    }

    @Bean
    BoundaryFiles boundaryFiles(
            Catalog catalog,
            RetentionPolicies policies,
            Deletes deletes,
            FileRewrite rewrite,
            RetentionSettings settings) {
        return new BoundaryFiles(catalog, policies, deletes, rewrite::count, settings.rewriteShare());
    }

    @Bean
    PolicyRun policyRun(
            Catalog catalog,
            RetentionPolicies policies,
            BoundaryFiles boundary,
            ExpiredHotRows hot,
            RetentionSettings settings,
            Clock clock,
            MeterRegistry registry) {
        return new PolicyRun(
                policies,
                new ExpiredFiles(catalog, policies),
                boundary,
                hot,
                new RetentionMetrics(registry),
                settings.history(),
                clock,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    @Bean
    RetentionWorker retentionWorker(
            RetentionPolicies policies, Leases leases, PolicyRun run, RetentionSettings settings, Clock clock) {
        return new RetentionWorker(policies, leases, run, settings, clock);
    }

    @Bean
    RetentionTrial retentionTrial(
            RetentionPolicies policies, PolicyRun run, BoundaryFiles boundary, ExpiredHotRows hot) {
        return new RetentionTrial(policies, run, boundary, hot);
    }

    @Bean
    RouterFunction<ServerResponse> retentionRoutes(
            RetentionPolicies policies, RetentionWorker worker, RetentionTrial trial, Clock clock) {
        return new RetentionRoutes(policies, worker, trial, clock).routes();
    }
}
