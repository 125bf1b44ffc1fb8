package io.weir.ingest;

import io.weir.common.hot.FlushListener;
import io.weir.common.limit.Quotas;
import io.weir.common.live.RowListener;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.admission.AdmissionSettings;
import io.weir.ingest.idempotency.IdempotencySettings;
import io.weir.ingest.wal.WalSettings;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.KeyClaims;
import io.weir.storage.object.ObjectStore;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The write path alone, without an edge. Needs what {@link IngestConfiguration} needs. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({
    IngestSettings.class,
    AdmissionSettings.class,
    IdempotencySettings.class,
    WalSettings.class,
    ParquetSettings.class,
})
public class IngestServiceConfiguration {

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
            ObjectProvider<RowListener> rowListener,
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
        ingest.rowsTo(rowListener.getIfAvailable(() -> RowListener.NONE));
        return ingest;
    }
}
