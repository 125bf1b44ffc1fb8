package io.weir.storage.catalog.setup;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.weir.storage.catalog.CatalogConnections;
import java.util.function.ToDoubleFunction;

/** The figures of the catalog's pool of connections. */
public final class CatalogMeters implements MeterBinder {

    private final CatalogConnections connections;

    /** Figures of that pool. */
    public CatalogMeters(CatalogConnections connections) {
        this.connections = connections;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "acquired", "connections in use", CatalogConnections::acquired);
        gauge(registry, "idle", "connections open and unused", CatalogConnections::idle);
        gauge(registry, "pending", "operations that wait for a connection", CatalogConnections::pending);
        connections.timers().forEach(timer -> timer.bindTo(registry));
        FunctionCounter.builder("weir.catalog.locked", connections, CatalogConnections::locked)
                .description("calls that found the database locked and were tried again")
                .register(registry);
        FunctionCounter.builder("weir.catalog.locked.failures", connections, CatalogConnections::lockedTooLong)
                .description("calls that failed because the database stayed locked")
                .register(registry);
        gauge(registry, "max", "most connections at once", CatalogConnections::max);
    }

    private void gauge(
            MeterRegistry registry, String name, String description, ToDoubleFunction<CatalogConnections> of) {
        Gauge.builder("weir.catalog.connections." + name, connections, of)
                .description(description)
                .register(registry);
    }
}
