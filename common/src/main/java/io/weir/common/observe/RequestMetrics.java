package io.weir.common.observe;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.weir.common.http.RequestObserver;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long requests take, by route, method and how they ended. A timer is made when the first such request ends; after that a
 * request costs three look-ups and allocates nothing. Thread-safe.
 */
final class RequestMetrics implements RequestObserver {

    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");

    private final MeterRegistry registry;
    private final LongAdder active = new LongAdder();

    /** By route, of which there are as many as the router has, then by method, then by outcome. */
    private final Map<String, Map<String, Map<Outcome, Timer>>> timers = new ConcurrentHashMap<>();

    RequestMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("weir.http.requests.active", active, LongAdder::sum)
                .description("requests that have not been answered to their end")
                .register(registry);
    }

    @Override
    public void began() {
        active.increment();
    }

    @Override
    public void ended(String method, String route, Outcome outcome, long nanos) {
        active.decrement();
        timer(method, route, outcome).record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(String method, String route, Outcome outcome) {
        String known = METHODS.contains(method) ? method : SeriesCap.OTHER;
        Map<String, Map<Outcome, Timer>> ofRoute = timers.get(route);
        Map<Outcome, Timer> ofMethod = ofRoute == null ? null : ofRoute.get(known);
        Timer timer = ofMethod == null ? null : ofMethod.get(outcome);
        return timer == null ? first(known, route, outcome) : timer;
    }

    private Timer first(String method, String route, Outcome outcome) {
        return timers.computeIfAbsent(route, any -> new ConcurrentHashMap<>())
                .computeIfAbsent(method, any -> new ConcurrentHashMap<>())
                .computeIfAbsent(
                        outcome,
                        any -> StageTimer.histogram(
                                registry,
                                "weir.http.requests",
                                "requests from their first byte to the end of their answer",
                                Tags.of("method", method, "route", route, "status", outcome.label())));
    }
}
