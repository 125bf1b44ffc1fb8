package io.weir.standalone.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.cache.SharedCache;
import io.weir.common.health.HealthDetail;
import io.weir.common.limit.BucketLedger;
import io.weir.common.limit.RateLimits;
import io.weir.common.live.SignalRowBus;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.common.signal.Signals;
import io.weir.standalone.cli.BuildVersion;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.redis.Redis;
import io.weir.storage.redis.RedisSettings;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * What replicas share by the Redis that {@code weir.redis.url} names; without it nothing here exists. Its users ask for
 * {@link SharedCache}, {@link BucketLedger} and {@link Signals}, and do without them.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(RedisConfiguration.IsNamed.class)
@EnableConfigurationProperties(RedisSettings.class)
class RedisConfiguration {

    private static final Duration CATALOG_PATIENCE = Duration.ofSeconds(30);

    /** How often rate limits are settled: what a client takes from several replicas in less is told to none of them before. */
    private static final Duration SETTLING = Duration.ofMillis(100);

    /** Whether a Redis is named. */
    static final class IsNamed implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !context.getEnvironment().getProperty("weir.redis.url", "").isBlank();
        }
    }

    /** Its keys carry the catalog's identity, so that installations may share a Redis and never see each other's data. */
    @Bean(destroyMethod = "close")
    Redis redis(RedisSettings settings, CatalogUpkeep catalog, WeirSchedulers schedulers, MeterRegistry registry) {
        String identity = catalog.identity().blockOptional(CATALOG_PATIENCE).orElseThrow();
        return Redis.open(settings, identity, BuildVersion.text(), schedulers, registry);
    }

    @Bean
    HealthDetail redisDetail(Redis redis) {
        return new HealthDetail(
                "redis", () -> Map.of("ok", redis.isWell(), "place", redis.place(), "links", redis.states()));
    }

    @Bean
    @ConditionalOnProperty(name = "weir.redis.cache", matchIfMissing = true)
    SharedCache sharedCache(Redis redis) {
        return redis.cache();
    }

    @Bean
    @ConditionalOnProperty(name = "weir.redis.signals", matchIfMissing = true)
    Signals signals(Redis redis) {
        return redis.signals();
    }

    /** Rows of ingest replicas on their way to those who subscribe at query replicas. */
    @Bean(destroyMethod = "close")
    @ConditionalOnProperty(name = "weir.redis.signals", matchIfMissing = true)
    SignalRowBus rowBus(Signals signals, WeirSchedulers schedulers) {
        return new SignalRowBus(signals, System::nanoTime, schedulers.tail());
    }

    @Bean
    @ConditionalOnProperty(name = "weir.redis.rate-limits", matchIfMissing = true)
    BucketLedger bucketLedger(Redis redis) {
        return redis.ledger();
    }

    /** Settles rate limits with other replicas, until it is closed. */
    @Bean(destroyMethod = "dispose")
    @ConditionalOnProperty(name = "weir.redis.rate-limits", matchIfMissing = true)
    Disposable rateLimitSettling(RateLimits rates, WeirSchedulers schedulers) {
        return Flux.interval(SETTLING, schedulers.decode())
                .onBackpressureDrop()
                .concatMap(tick -> rates.settle(), 1)
                .subscribe();
    }
}
