package io.weir.ingest.internal;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestService;
import io.weir.storage.hot.InternalSettings;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The internal port as beans. To be imported before {@link io.weir.ingest.IngestConfiguration}: what is made first is closed
 * last, so that the port answers until the ingest service has flushed its rows.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(InternalSettings.class)
public class InternalConfiguration {

    /** Depends on nothing that holds rows, for what depends on something is closed before it. */
    @Bean(destroyMethod = "close")
    InternalPort internalPort(InternalSettings settings, WeirSchedulers schedulers) {
        return new InternalPort(settings, schedulers.decode());
    }

    /** Opens the port when the log is replayed: before that, rows are missing. */
    @Bean
    MeterBinder internalMetrics(InternalPort port, IngestService ingest) {
        port.open(ingest, ingest);
        return registry -> {
            Gauge.builder("weir.internal.requests.active", port, InternalPort::underWay)
                    .description("Requests of query replicas for hot rows that are being answered")
                    .register(registry);
            outcomes()
                    .forEach((outcome, count) -> FunctionCounter.builder("weir.internal.requests", port, count)
                            .description("Requests of query replicas for hot rows")
                            .tags(List.of(io.micrometer.core.instrument.Tag.of("outcome", outcome)))
                            .register(registry));
        };
    }

    private static Map<String, ToDoubleFunction<InternalPort>> outcomes() {
        return Map.of("ok", InternalPort::answered, "refused", InternalPort::refused, "failed", InternalPort::failed);
    }
}
