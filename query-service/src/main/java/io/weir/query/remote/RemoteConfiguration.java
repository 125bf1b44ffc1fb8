package io.weir.query.remote;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.hot.InternalSettings;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Hot rows of other processes as the query service's port. Needs {@link WeirSchedulers} and a {@link MeterRegistry}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({RemoteSettings.class, InternalSettings.class})
public class RemoteConfiguration {

    @Bean(destroyMethod = "close")
    RemoteHotRows remoteHotRows(
            RemoteSettings settings, InternalSettings internal, WeirSchedulers schedulers, MeterRegistry registry) {
        return new RemoteHotRows(settings, internal, schedulers.decode(), registry);
    }

    @Bean
    MeterBinder remoteMetrics(RemoteHotRows rows) {
        return registry -> {
            Gauge.builder("weir.query.hot.memory.used", rows.memory(), MemoryBudget::usedBytes)
                    .description("Hot rows of ingest replicas that running queries hold")
                    .baseUnit("bytes")
                    .register(registry);
            Gauge.builder("weir.query.hot.memory.limit", rows.memory(), MemoryBudget::limitBytes)
                    .description("What they may hold, weir.query.hot-memory")
                    .baseUnit("bytes")
                    .register(registry);
        };
    }
}
