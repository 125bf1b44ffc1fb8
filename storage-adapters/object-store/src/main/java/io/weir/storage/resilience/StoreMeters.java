package io.weir.storage.resilience;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.weir.common.observe.StageTimer;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The figures of one store, by class of calls. */
final class StoreMeters {

    private static final List<String> STATES = List.of("disabled", "closed", "half_open", "open");

    private final MeterRegistry registry;

    StoreMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void watch(OperationClass operation, OperationGuard guard) {
        Gauge.builder("weir.store.breaker", guard, g -> STATES.indexOf(g.state()))
                .description("0 disabled, 1 closed, 2 half open, 3 open")
                .tag("operation", operation.tag())
                .register(registry);
        Gauge.builder("weir.store.underway", guard, OperationGuard::underWay)
                .description("attempts under way")
                .tag("operation", operation.tag())
                .register(registry);
        Gauge.builder("weir.store.attempt.limit", guard, g -> g.attemptLimit().toNanos() / 1e9)
                .description("time an attempt gets, besides what its bytes need")
                .baseUnit("seconds")
                .tag("operation", operation.tag())
                .register(registry);
    }

    /** An attempt ended after so long, of which a reader's time is no part. */
    void ended(OperationClass operation, String outcome, long nanos) {
        StageTimer.histogram(
                        registry,
                        "weir.store.attempts",
                        "attempts by how they ended",
                        Tags.of("operation", operation.tag(), "outcome", outcome))
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    void retried(OperationClass operation) {
        counter("weir.store.retries", "attempts after a failed one", operation).increment();
    }

    void refused(OperationClass operation) {
        counter("weir.store.refused", "calls not tried: breaker open, or too many under way", operation)
                .increment();
    }

    private Counter counter(String name, String description, OperationClass operation) {
        return Counter.builder(name)
                .description(description)
                .tag("operation", operation.tag())
                .register(registry);
    }
}
