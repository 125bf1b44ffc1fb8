package io.weir.query.cache;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** A cache in meters, read when they are asked for. Names and meanings are in {@code docs/tuning.md}. */
final class CacheMetrics implements MeterBinder {

    private static final String PREFIX = "weir.query.cache.";

    private final QueryCache cache;

    CacheMetrics(QueryCache cache) {
        this.cache = cache;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        count(registry, "requests", "result", "hit", CacheStats::hits);
        count(registry, "requests", "result", "miss", CacheStats::misses);
        count(registry, "requests", "result", "bypass", CacheStats::bypasses);
        count(registry, "evictions", "cause", "room", CacheStats::evictions);
        count(registry, "evictions", "cause", "age", CacheStats::expirations);
        count(registry, "shared", CacheStats::shared);
        count(registry, "sets", CacheStats::sets);
        count(registry, "too.large", CacheStats::tooLarge);
        count(registry, "invalidations", CacheStats::invalidations);
        count(registry, "sweeps", CacheStats::sweeps);
        gauge(registry, "size", CacheStats::size);
        gauge(registry, "bytes", CacheStats::bytes);
        gauge(registry, "max.bytes", CacheStats::maxBytes);
        gauge(registry, "hit.rate", CacheStats::hitRate);
        FunctionCounter.builder(PREFIX + "second.level", cache, QueryCache::sharedHits)
                .tag("result", "hit")
                .register(registry);
        FunctionCounter.builder(PREFIX + "second.level", cache, QueryCache::sharedMisses)
                .tag("result", "miss")
                .register(registry);
        Gauge.builder(PREFIX + "gathering.bytes", cache, QueryCache::gatheringBytes)
                .register(registry);
    }

    private void count(MeterRegistry registry, String name, ToDoubleFunction<CacheStats> value) {
        FunctionCounter.builder(PREFIX + name, cache, of -> value.applyAsDouble(of.stats()))
                .register(registry);
    }

    private void count(
            MeterRegistry registry, String name, String tag, String tagValue, ToDoubleFunction<CacheStats> value) {
        FunctionCounter.builder(PREFIX + name, cache, of -> value.applyAsDouble(of.stats()))
                .tag(tag, tagValue)
                .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, ToDoubleFunction<CacheStats> value) {
        Gauge.builder(PREFIX + name, cache, of -> value.applyAsDouble(of.stats()))
                .register(registry);
    }
}
