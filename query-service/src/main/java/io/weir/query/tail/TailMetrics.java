package io.weir.query.tail;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Subscriptions in numbers. Names and meanings are in {@code docs/live-tail.md}. */
final class TailMetrics implements MeterBinder {

    private final Tail tail;
    private final int most;
    private final List<MultiGauge> rooms = new CopyOnWriteArrayList<>(); // one a registry

    /** @param most rooms that have a gauge of their own */
    TailMetrics(Tail tail, int most) {
        this.tail = tail;
        this.most = most;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("weir.tail.subscriptions", tail, Tail::size).register(registry);
        Gauge.builder("weir.tail.rooms", tail, Tail::rooms).register(registry);
        Gauge.builder("weir.tail.bytes", tail, Tail::bytes).baseUnit("bytes").register(registry);
        FunctionCounter.builder("weir.tail.rows.sent", tail, Tail::rowsSent).register(registry);
        FunctionCounter.builder("weir.tail.rows.missed", tail, Tail::rowsMissed).register(registry);
        FunctionCounter.builder("weir.tail.refused", tail, Tail::refused).register(registry);
        for (CloseReason reason : CloseReason.values()) {
            FunctionCounter.builder("weir.tail.closed", tail, counted -> counted.closed(reason))
                    .tag("reason", reason.tag())
                    .register(registry);
        }
        rooms.add(MultiGauge.builder("weir.tail.room.subscriptions").register(registry));
    }

    /** Shows the fullest rooms of this moment, and no others. */
    void refreshRooms() {
        List<MultiGauge.Row<?>> rows = tail.fullest(most).stream()
                .<MultiGauge.Row<?>>map(
                        room -> MultiGauge.Row.of(Tags.of("room", room.table().toString()), room.readers()))
                .toList();
        rooms.forEach(gauge -> gauge.register(rows, true));
    }
}
