package io.weir.query.lastvalue;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** The newest rows in numbers, read when they are asked for. Names and meanings are in {@code docs/tuning.md}. */
public final class LastValueMetrics implements MeterBinder {

    private final LastValueStore store;
    private final LastValues values;

    /** The meters of that store, and of what is read from it. */
    public LastValueMetrics(LastValueStore store, LastValues values) {
        this.store = store;
        this.values = values;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("weir.last.values.bytes", store, LastValueStore::heldBytes)
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("weir.last.values.measurements", store, LastValueStore::measurements)
                .register(registry);
        Gauge.builder("weir.last.values.left.out", store, LastValueStore::leftOut)
                .register(registry);
        FunctionCounter.builder("weir.last.values.evictions", store, LastValueStore::evictions)
                .register(registry);
        queries(registry, "kept", LastValues::answered);
        queries(registry, "all", LastValues::passed);
        rebuilds(registry, "done", LastValues::rebuilds);
        rebuilds(registry, "failed", LastValues::failures);
    }

    private void queries(MeterRegistry registry, String rows, ToDoubleFunction<LastValues> count) {
        FunctionCounter.builder("weir.last.values.queries", values, count)
                .tag("rows", rows)
                .register(registry);
    }

    private void rebuilds(MeterRegistry registry, String outcome, ToDoubleFunction<LastValues> count) {
        FunctionCounter.builder("weir.last.values.rebuilds", values, count)
                .tag("outcome", outcome)
                .register(registry);
    }
}
