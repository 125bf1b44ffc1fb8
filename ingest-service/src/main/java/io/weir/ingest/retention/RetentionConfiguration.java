package io.weir.ingest.retention;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.RetentionPolicies;
import java.time.Clock;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Retention as beans. Needs {@link RetentionPolicies}; whoever supervises background loops runs the {@link RetentionWorker}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RetentionSettings.class)
public class RetentionConfiguration {

    @Bean
    PolicyRun policyRun(
            Catalog catalog,
            RetentionPolicies policies,
            RetentionSettings settings,
            Clock clock,
            MeterRegistry registry) {
        return new PolicyRun(
                policies,
                new ExpiredFiles(catalog, policies),
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
    RouterFunction<ServerResponse> retentionRoutes(
            RetentionPolicies policies, RetentionWorker worker, PolicyRun run, Clock clock) {
        return new RetentionRoutes(policies, worker, run, clock).routes();
    }
}
