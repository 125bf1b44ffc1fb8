package io.weir.access;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** What the cache of tokens and their verification have done, as {@code weir.auth.*}. */
final class AccessMetrics implements MeterBinder {

    private final VerificationCache cache;
    private final TokenAuthenticator authenticator;

    AccessMetrics(VerificationCache cache, TokenAuthenticator authenticator) {
        this.cache = cache;
        this.authenticator = authenticator;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("weir.auth.cache.size", cache, known -> known.stats().size())
                .register(registry);
        count(registry, "weir.auth.cache.hits", CacheStats::hits);
        count(registry, "weir.auth.cache.misses", CacheStats::misses);
        count(registry, "weir.auth.cache.evictions", CacheStats::evictions);
        count(registry, "weir.auth.cache.expirations", CacheStats::expirations);
        count(registry, "weir.auth.cache.invalidations", CacheStats::invalidations);
        count(registry, "weir.auth.cache.sweeps", CacheStats::sweeps);
        FunctionCounter.builder("weir.auth.refused", authenticator, TokenAuthenticator::refused)
                .register(registry);
        FunctionCounter.builder("weir.auth.verifications", authenticator, TokenAuthenticator::verifications)
                .register(registry);
    }

    private void count(MeterRegistry registry, String name, ToDoubleFunction<CacheStats> value) {
        FunctionCounter.builder(name, cache, known -> value.applyAsDouble(known.stats()))
                .register(registry);
    }
}
