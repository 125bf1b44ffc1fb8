package io.weir.common.observe;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.netty4.NettyAllocatorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.PooledByteBufAllocator;
import io.weir.common.http.Access;
import io.weir.common.schedule.WeirSchedulers;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * The meters of the process, and {@code GET /metrics}. Binds the JVM's memory, threads and processor, Netty's buffers, and
 * whatever {@link MeterBinder} the features bring. Needs {@link WeirSchedulers}.
 */
@Configuration(proxyBeanMethods = false)
public class MetricsConfiguration {

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    PrometheusMeterRegistry meterRegistry() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new NettyAllocatorMetrics(PooledByteBufAllocator.DEFAULT).bindTo(registry);
        return registry;
    }

    @Bean
    RouterFunction<ServerResponse> metricsRoutes(
            PrometheusMeterRegistry registry,
            ObjectProvider<MeterBinder> features,
            WeirSchedulers schedulers,
            @Value("${weir.auth.public-metrics:false}") boolean everybody) {
        features.forEach(feature -> feature.bindTo(registry));
        return new MetricsRoutes(registry, schedulers.io(), everybody ? Access.PUBLIC : Access.ANY_TOKEN).routes();
    }
}
