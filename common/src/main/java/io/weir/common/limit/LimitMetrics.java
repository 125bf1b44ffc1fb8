package io.weir.common.limit;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** What limits refuse, as {@code weir.limits.refused} by limit, and addresses that were forgotten too early. */
public final class LimitMetrics implements MeterBinder {

    private static final String REFUSED = "weir.limits.refused";

    private final RateLimits rates;
    private final Quotas quotas;

    /** The meters of those limits. */
    public LimitMetrics(RateLimits rates, Quotas quotas) {
        this.rates = rates;
        this.quotas = quotas;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        FunctionCounter.builder(REFUSED, rates, RateLimits::refusedAddresses)
                .tag("limit", "address")
                .register(registry);
        FunctionCounter.builder(REFUSED, rates, RateLimits::refusedTokens)
                .tag("limit", "token")
                .register(registry);
        FunctionCounter.builder(REFUSED, quotas, Quotas::refusedWrites)
                .tag("limit", "write-quota")
                .register(registry);
        FunctionCounter.builder(REFUSED, quotas, Quotas::refusedQueries)
                .tag("limit", "query-quota")
                .register(registry);
        FunctionCounter.builder("weir.limits.addresses.forgotten", rates, RateLimits::forgotten)
                .register(registry);
    }
}
