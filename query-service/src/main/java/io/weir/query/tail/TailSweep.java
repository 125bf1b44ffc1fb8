package io.weir.query.tail;

import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** Looks at all subscriptions again and again, and keeps the gauges of rooms. */
final class TailSweep implements BackgroundLoop {

    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final Tail tail;
    private final TailSettings settings;
    private final TailMetrics metrics;

    TailSweep(Tail tail, TailSettings settings, TailMetrics metrics) {
        this.tail = tail;
        this.settings = settings;
        this.metrics = metrics;
    }

    @Override
    public String name() {
        return "tail";
    }

    @Override
    public boolean enabled() {
        return settings.enabled();
    }

    @Override
    public Duration interval() {
        return settings.sweep();
    }

    @Override
    public Duration longestTurn() {
        return LONGEST;
    }

    @Override
    public Mono<Turn> turn() {
        return Mono.defer(tail::look).then(Mono.fromSupplier(() -> {
            metrics.refreshRooms();
            return Turn.DONE;
        }));
    }
}
