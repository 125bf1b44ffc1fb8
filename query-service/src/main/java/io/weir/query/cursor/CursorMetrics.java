package io.weir.query.cursor;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** Cursors in numbers. Names and meanings are in {@code docs/tuning.md}. */
final class CursorMetrics implements MeterBinder {

    private final Cursors cursors;

    CursorMetrics(Cursors cursors) {
        this.cursors = cursors;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("weir.query.cursors", cursors, Cursors::size).register(registry);
        Gauge.builder("weir.query.cursors.bytes", cursors, Cursors::bytes).register(registry);
        FunctionCounter.builder("weir.query.cursors.opened", cursors, Cursors::opened)
                .register(registry);
        FunctionCounter.builder("weir.query.cursors.expired", cursors, Cursors::expired)
                .register(registry);
        FunctionCounter.builder("weir.query.cursors.evicted", cursors, Cursors::evicted)
                .register(registry);
    }
}
