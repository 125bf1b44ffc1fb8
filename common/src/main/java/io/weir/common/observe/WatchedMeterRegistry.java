package io.weir.common.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The registry of a process: bounded in its series, and one in which a meter that cannot be read spoils no other. Thread-safe. */
final class WatchedMeterRegistry extends PrometheusMeterRegistry {

    private final CollectionErrors collectionErrors;

    WatchedMeterRegistry(CollectionErrors errors, SeriesCap cap) {
        super(PrometheusConfig.DEFAULT);
        this.collectionErrors = errors;
        config().meterFilter(cap).onMeterRemoved(meter -> cap.removed(meter.getId()));
        FunctionCounter.builder("weir.metrics.collection.errors", errors, CollectionErrors::errors)
                .description("meters that could not be read, each time")
                .register(this);
        Gauge.builder(
                        "weir.metrics.collection.failures.in.a.row",
                        errors,
                        of -> of.status().failuresInARow())
                .description("collections in a row in which a meter could not be read")
                .register(this);
        FunctionCounter.builder("weir.metrics.series.refused", cap, SeriesCap::refused)
                .description("series beyond the cap, counted under \"other\" instead, each time one was asked for")
                .register(this);
        Gauge.builder("weir.metrics.series", cap, SeriesCap::size)
                .description("meters, each by its labels")
                .register(this);
    }

    @Override
    protected <T> Gauge newGauge(Meter.Id id, @Nullable T of, ToDoubleFunction<T> value) {
        return super.newGauge(id, of, collectionErrors.watched(id.getName(), value));
    }

    @Override
    protected <T> FunctionCounter newFunctionCounter(Meter.Id id, T of, ToDoubleFunction<T> value) {
        return super.newFunctionCounter(id, of, collectionErrors.watched(id.getName(), value));
    }

    @Override
    protected <T> FunctionTimer newFunctionTimer(
            Meter.Id id, T of, ToLongFunction<T> count, ToDoubleFunction<T> time, TimeUnit unit) {
        return super.newFunctionTimer(
                id,
                of,
                collectionErrors.watchedCount(id.getName(), count),
                collectionErrors.watched(id.getName(), time),
                unit);
    }

    /** All meters as text, of those that can be read. */
    String collect() {
        try {
            return scrape();
        } catch (RuntimeException e) {
            collectionErrors.failed("all of them", e);
            throw e;
        } finally {
            collectionErrors.collected();
        }
    }
}
