package io.weir.ingest;

import io.weir.common.health.HealthCheck;
import io.weir.common.health.HealthDetail;
import io.weir.common.pressure.PressureListener;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.edge.Handshake;
import io.weir.ingest.edge.WriteRoutes;
import io.weir.ingest.imports.ImportConfiguration;
import io.weir.ingest.mqtt.MqttConfiguration;
import io.weir.ingest.warmup.WarmUp;
import io.weir.ingest.warmup.WarmUpSettings;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.KeyClaims;
import io.weir.storage.object.ObjectStore;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Import;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * The ingest service as beans. Needs a {@link Catalog} that is migrated, an {@link ObjectStore}, {@link
 * IngestService.Places}, {@link WeirSchedulers} and a {@link Clock}; and {@link KeyClaims} where it is not the only one.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WarmUpSettings.class)
@Import({IngestServiceConfiguration.class, MqttConfiguration.class, ImportConfiguration.class})
public class IngestConfiguration {

    @Bean
    ForgetLoop forgetLoop(IngestService ingest) {
        return new ForgetLoop(ingest);
    }

    @Bean
    IngestMetrics ingestMetrics(IngestService ingest) {
        return new IngestMetrics(ingest);
    }

    @Bean
    PressureListener ingestUnderPressure(IngestService ingest) {
        return ingest::pressed;
    }

    @Bean
    HealthCheck walCheck(IngestService ingest) {
        return HealthCheck.of("wal", ingest::logProblem);
    }

    @Bean
    HealthDetail ingestDetail(IngestService ingest) {
        return new HealthDetail("ingest", ingest::details);
    }

    /** Runs when the log is replayed and no request can come yet. */
    @Bean(initMethod = "run")
    @DependsOn("ingestService")
    WarmUp warmUp(WarmUpSettings settings, WeirSchedulers schedulers, IngestService.Places places) {
        return new WarmUp(settings, schedulers, places.work());
    }

    @Bean
    RouterFunction<ServerResponse> writeRoutes(
            IngestService ingest, Catalog catalog, IngestSettings settings, WeirSchedulers schedulers, Clock clock) {
        return new WriteRoutes(ingest, new Handshake(catalog), settings, schedulers.decode(), clock).routes();
    }
}
