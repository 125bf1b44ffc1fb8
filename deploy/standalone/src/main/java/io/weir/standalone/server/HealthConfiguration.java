package io.weir.standalone.server;

import io.weir.common.health.HealthCheck;
import io.weir.common.health.HealthDetail;
import io.weir.common.health.HealthProblem;
import io.weir.common.health.HealthSettings;
import io.weir.common.health.HealthWatch;
import io.weir.common.http.LoopWatch;
import io.weir.common.observe.CollectionErrors;
import io.weir.common.pressure.MemoryPressure;
import io.weir.common.pressure.PressureListener;
import io.weir.common.pressure.PressureSettings;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.CatalogHealth;
import io.weir.storage.setup.StorageSettings;
import io.weir.storage.setup.Stores;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What a server of every role watches of itself: memory, event loops, and the parts it needs. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({HealthSettings.class, PressureSettings.class})
class HealthConfiguration {

    private static final long LOOK_MILLIS = 500;

    @Bean(destroyMethod = "close")
    MemoryPressure memoryPressure(
            PressureSettings settings, ObjectProvider<PressureListener> listeners, WeirSchedulers schedulers) {
        MemoryPressure pressure =
                new MemoryPressure(settings, listeners.orderedStream().toList());
        pressure.start(schedulers.watch());
        return pressure;
    }

    @Bean(destroyMethod = "dispose")
    Disposable stuckLoops(LoopWatch loops, WeirSchedulers schedulers) {
        return schedulers.watch().schedulePeriodically(loops::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Bean(destroyMethod = "close")
    HealthWatch healthWatch(HealthSettings settings, ObjectProvider<HealthCheck> checks) {
        HealthWatch watch = new HealthWatch(settings, checks.orderedStream().toList());
        watch.start(Schedulers.parallel());
        return watch;
    }

    @Bean
    CatalogHealth catalogHealth(CatalogConnections connections) {
        return new CatalogHealth(connections.factory());
    }

    @Bean
    HealthCheck catalogCheck(CatalogHealth health) {
        return new HealthCheck(
                "catalog",
                health.status()
                        .flatMap(status -> status.ok()
                                ? Mono.<Void>empty()
                                : Mono.error(new HealthProblem("the catalog does not answer"))));
    }

    @Bean
    StoreHealth storeHealth(Stores stores, StorageSettings settings, StoreAtStart atStart, Clock clock) {
        return new StoreHealth(stores, settings.place(), atStart::problem, clock);
    }

    @Bean
    HealthCheck storeCheck(StoreHealth health) {
        return new HealthCheck("store", health.answers());
    }

    /** Behind the check of the store, which makes sure that there is a call to learn from. */
    @Bean
    HealthCheck credentialsCheck(StoreHealth health) {
        return HealthCheck.of("credentials", health::credentialsProblem);
    }

    @Bean
    DiskSpace diskSpace(DataDirectory directory, HealthSettings settings) {
        return new DiskSpace(directory.root(), settings.minFree());
    }

    @Bean
    HealthCheck diskCheck(DiskSpace disk, WeirSchedulers schedulers) {
        return new HealthCheck(
                "disk", HealthCheck.of("disk", disk::problem).question().subscribeOn(schedulers.watch()));
    }

    @Bean
    HealthDetail memoryDetail(MemoryPressure pressure) {
        return new HealthDetail("memory", () -> MemoryDetail.of(pressure));
    }

    @Bean
    HealthDetail loopDetail(LoopWatch loops) {
        return new HealthDetail("eventLoops", () -> {
            Map<String, Object> detail = new LinkedHashMap<>();
            detail.put("ok", loops.stall().isZero());
            detail.put("watched", loops.loops());
            detail.put("stalledMillis", loops.stall().toMillis());
            detail.put("stalls", loops.stalls());
            return detail;
        });
    }

    @Bean
    HealthDetail catalogPoolDetail(CatalogConnections connections) {
        return new HealthDetail("catalogPool", () -> {
            Map<String, Object> detail = new LinkedHashMap<>();
            detail.put("acquired", connections.acquired());
            detail.put("idle", connections.idle());
            detail.put("pending", connections.pending());
            detail.put("max", connections.max());
            return detail;
        });
    }

    @Bean
    HealthDetail diskDetail(DiskSpace disk) {
        return new HealthDetail("disk", disk::detail);
    }

    @Bean
    HealthDetail metricsDetail(CollectionErrors errors) {
        return new HealthDetail("metrics", () -> {
            CollectionErrors.Status status = errors.status();
            Map<String, Object> detail = new LinkedHashMap<>();
            detail.put("ok", status.ok());
            detail.put("collectionErrors", status.errors());
            detail.put("failuresInARow", status.failuresInARow());
            if (status.problem() != null) {
                detail.put("problem", status.problem());
            }
            return detail;
        });
    }
}
