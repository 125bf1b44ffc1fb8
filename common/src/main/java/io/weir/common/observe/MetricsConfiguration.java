package io.weir.common.observe;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.netty4.NettyAllocatorMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.netty.buffer.PooledByteBufAllocator;
import io.weir.common.http.Access;
import io.weir.common.http.LoopWatch;
import io.weir.common.http.RequestObserver;
import io.weir.common.schedule.WeirSchedulers;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * The meters of the process, {@code GET /metrics}, and their history. Binds the JVM's memory, collections, threads and
 * processor, Netty's buffers, and whatever {@link MeterBinder} the features bring. Needs {@link WeirSchedulers}, a {@link
 * Clock} and {@link LoopWatch}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MetricsSettings.class)
public class MetricsConfiguration {

    @Bean
    CollectionErrors collectionErrors(MetricsSettings settings) {
        return new CollectionErrors(settings.warnAfter());
    }

    @Bean(destroyMethod = "close")
    JvmGcMetrics jvmGcMetrics() {
        return new JvmGcMetrics();
    }

    @Bean(destroyMethod = "close")
    WatchedMeterRegistry meterRegistry(MetricsSettings settings, CollectionErrors errors, JvmGcMetrics collections) {
        WatchedMeterRegistry registry =
                new WatchedMeterRegistry(errors, new SeriesCap(settings.maxSeriesPerName(), settings.maxSeries()));
        new JvmMemoryMetrics().bindTo(registry);
        collections.bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new NettyAllocatorMetrics(PooledByteBufAllocator.DEFAULT).bindTo(registry);
        return registry;
    }

    @Bean
    RequestObserver requestMetrics(WatchedMeterRegistry registry) {
        return new RequestMetrics(registry);
    }

    @Bean
    RouterFunction<ServerResponse> metricsRoutes(
            WatchedMeterRegistry registry,
            ObjectProvider<MeterBinder> features,
            LoopWatch loops,
            WeirSchedulers schedulers,
            @Value("${weir.auth.public-metrics:false}") boolean everybody) {
        features.stream()
                .filter(feature -> !(feature instanceof JvmGcMetrics))
                .forEach(feature -> feature.bindTo(registry));
        StageTimer delays = new StageTimer("weir.loop.delay", "how late the probes of event loops come");
        delays.bindTo(registry);
        loops.delaysTo(delays::record);
        return new MetricsRoutes(registry, schedulers.io(), everybody ? Access.PUBLIC : Access.ANY_TOKEN).routes();
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    HistorySampler historySampler(
            WatchedMeterRegistry registry, MetricsSettings settings, WeirSchedulers schedulers, Clock clock) {
        return new HistorySampler(registry, settings.history(), schedulers.watch(), clock);
    }

    @Bean
    RouterFunction<ServerResponse> historyRoutes(HistorySampler sampler, WeirSchedulers schedulers, Clock clock) {
        return new HistoryRoutes(sampler.history(), schedulers.io(), clock).routes();
    }
}
