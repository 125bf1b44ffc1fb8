package io.weir.common.limit;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** What limits refuse, as {@code weir.limits.refused} by limit, what replicas share of it, and addresses that were forgotten too early. */
public final class LimitMetrics implements MeterBinder {

    private static final String REFUSED = "weir.limits.refused";

    private static final String SHARED = "weir.limits.shared";

    private final RateLimits rates;
    private final Quotas quotas;

    /** The meters of those limits. */
    public LimitMetrics(RateLimits rates, Quotas quotas) {
        this.rates = rates;
        this.quotas = quotas;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        count(registry, REFUSED, "limit", "address", rates, RateLimits::refusedAddresses);
        count(registry, REFUSED, "limit", "token", rates, RateLimits::refusedTokens);
        count(registry, REFUSED, "limit", "write-quota", quotas, Quotas::refusedWrites);
        count(registry, REFUSED, "limit", "query-quota", quotas, Quotas::refusedQueries);
        count(registry, REFUSED, "limit", "socket-quota", quotas, Quotas::refusedSockets);
        count(registry, SHARED, "outcome", "settled", rates, RateLimits::settled);
        count(registry, SHARED, "outcome", "local", rates, RateLimits::unsettled);
        FunctionCounter.builder("weir.limits.addresses.forgotten", rates, RateLimits::forgotten)
                .register(registry);
    }

    private static <T> void count(
            MeterRegistry registry, String name, String tag, String value, T limits, ToDoubleFunction<T> figure) {
        FunctionCounter.builder(name, limits, figure).tag(tag, value).register(registry);
    }
}
