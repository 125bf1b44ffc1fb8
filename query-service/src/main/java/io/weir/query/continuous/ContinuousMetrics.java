package io.weir.query.continuous;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counters of continuous queries. */
final class ContinuousMetrics {

    private final Counter computed;
    private final Counter recomputed;
    private final Counter rows;
    private final Counter failures;

    ContinuousMetrics(MeterRegistry registry) {
        this.computed = windows(registry, "computed");
        this.recomputed = windows(registry, "recomputed");
        this.rows = Counter.builder("weir.continuous.queries.rows").register(registry);
        this.failures = Counter.builder("weir.continuous.queries.failures").register(registry);
    }

    private static Counter windows(MeterRegistry registry, String outcome) {
        return Counter.builder("weir.continuous.queries.windows")
                .tag("outcome", outcome)
                .register(registry);
    }

    void committed(RunTally tally) {
        computed.increment(tally.windows());
        recomputed.increment(tally.recomputed());
        rows.increment((double) tally.rows());
    }

    void failed() {
        failures.increment();
    }
}
