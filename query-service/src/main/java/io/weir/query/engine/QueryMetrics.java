package io.weir.query.engine;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.weir.storage.duckdb.DuckDbEngine;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Queries and their sessions in numbers, read when they are asked for. Names and meanings are in {@code docs/tuning.md}. */
public final class QueryMetrics implements MeterBinder {

    private final DuckDbEngine engine;
    private final RunningQueries running;

    /** The meters of that engine and of those queries. */
    public QueryMetrics(DuckDbEngine engine, RunningQueries running) {
        this.engine = engine;
        this.running = running;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "weir.query.sessions.acquired", DuckDbEngine::acquired);
        gauge(registry, "weir.query.sessions.pending", DuckDbEngine::pending);
        gauge(registry, "weir.query.sessions.max", DuckDbEngine::maxSessions);
        // "created" would be cut off by the format, which has a meaning of its own for it.
        count(registry, "weir.query.sessions.opened", DuckDbEngine::created);
        count(registry, "weir.query.sessions.destroyed", DuckDbEngine::destroyed);
        count(registry, "weir.query.sessions.timed.out", DuckDbEngine::timedOut);
        count(registry, "weir.query.sessions.refused", DuckDbEngine::refused);
        gauge(registry, "weir.query.heavy", DuckDbEngine::heavy);
        gauge(registry, "weir.query.heavy.pending", DuckDbEngine::heavyPending);
        count(registry, "weir.query.heavy.refused", DuckDbEngine::heavyRefused);
        gauge(registry, "weir.query.engine.failures", duckDb -> duckDb.status().failures());
        count(registry, "weir.query.engine.replaced", DuckDbEngine::replaced);
        Gauge.builder("weir.query.running", running, RunningQueries::size).register(registry);
        FunctionCounter.builder("weir.query.slow", running, RunningQueries::slow)
                .register(registry);
        for (RunningQueries.Outcome outcome : RunningQueries.Outcome.values()) {
            FunctionTimer.builder(
                            "weir.query",
                            running,
                            queries -> queries.count(outcome),
                            queries -> queries.time(outcome).toNanos(),
                            TimeUnit.NANOSECONDS)
                    .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
    }

    private void gauge(MeterRegistry registry, String name, ToDoubleFunction<DuckDbEngine> value) {
        Gauge.builder(name, engine, value).register(registry);
    }

    private void count(MeterRegistry registry, String name, ToDoubleFunction<DuckDbEngine> value) {
        FunctionCounter.builder(name, engine, value).register(registry);
    }
}
