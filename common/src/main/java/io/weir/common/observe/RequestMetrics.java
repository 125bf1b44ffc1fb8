package io.weir.common.observe;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.weir.common.http.RequestObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long requests take, by route, method and how they ended. A timer is made when the first such request ends; after that a
 * request costs two look-ups and allocates nothing. Thread-safe.
 */
final class RequestMetrics implements RequestObserver {

    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", SeriesCap.OTHER);

    private final MeterRegistry registry;
    private final LongAdder active = new LongAdder();

    /** By route, as the router has them, so there are no more than routes. */
    private final Map<String, AtomicReferenceArray<Timer>> timers = new ConcurrentHashMap<>();

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
        AtomicReferenceArray<Timer> ofRoute = timers.get(route);
        if (ofRoute == null) {
            ofRoute = timers.computeIfAbsent(route, any -> new AtomicReferenceArray<>(METHODS.size() * Outcome.COUNT));
        }
        int known = METHODS.indexOf(method);
        int of = known < 0 ? METHODS.size() - 1 : known;
        int place = of * Outcome.COUNT + outcome.ordinal();
        Timer timer = ofRoute.get(place);
        if (timer == null) {
            timer = StageTimer.histogram(
                    registry,
                    "weir.http.requests",
                    "requests from their first byte to the end of their answer",
                    Tags.of("method", METHODS.get(of), "route", route, "status", outcome.label()));
            ofRoute.set(place, timer);
        }
        return timer;
    }
}
