package io.weir.ingest;

import io.weir.common.hot.FlushListener;
import io.weir.common.limit.Quotas;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.admission.AdmissionSettings;
import io.weir.ingest.edge.Handshake;
import io.weir.ingest.edge.WriteRoutes;
import io.weir.ingest.idempotency.IdempotencySettings;
import io.weir.ingest.imports.ImportConfiguration;
import io.weir.ingest.mqtt.MqttConfiguration;
import io.weir.ingest.wal.WalSettings;
import io.weir.ingest.warmup.WarmUp;
import io.weir.ingest.warmup.WarmUpSettings;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.KeyClaims;
import io.weir.storage.object.ObjectStore;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
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
@EnableConfigurationProperties({
    IngestSettings.class,
    AdmissionSettings.class,
    IdempotencySettings.class,
    WalSettings.class,
    ParquetSettings.class,
    WarmUpSettings.class,
})
@Import({MqttConfiguration.class, ImportConfiguration.class})
public class IngestConfiguration {

    /** Started here, before the web server takes requests, and closed after it took the last. */
    @Bean(initMethod = "start", destroyMethod = "close")
    IngestService ingestService(
            Catalog catalog,
            ObjectStore store,
            IngestService.Places places,
            IngestSettings settings,
            AdmissionSettings admission,
            IdempotencySettings idempotency,
            WalSettings walSettings,
            ParquetSettings parquet,
            WeirSchedulers schedulers,
            Clock clock,
            ObjectProvider<Quotas> quotas,
            ObjectProvider<FlushListener> flushListener,
            ObjectProvider<KeyClaims> claims) {
        IngestService ingest = new IngestService(
                catalog,
                store,
                places,
                new IngestService.Settings(settings, admission, idempotency, walSettings, parquet.options()),
                schedulers,
                clock);
        quotas.ifAvailable(ingest::countBy);
        claims.ifAvailable(ingest::shareKeys);
        ingest.flushesTo(flushListener.getIfAvailable(() -> FlushListener.NONE));
        return ingest;
    }

    @Bean
    IngestMetrics ingestMetrics(IngestService ingest) {
        return new IngestMetrics(ingest);
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
