package io.weir.query.cursor;

import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Ends cursors that are over from time to time. */
final class CursorSweep implements BackgroundLoop {

    private final Cursors cursors;
    private final Duration period;
    private final Scheduler scheduler;

    CursorSweep(Cursors cursors, Duration period, Scheduler scheduler) {
        this.cursors = cursors;
        this.period = period;
        this.scheduler = scheduler;
    }

    @Override
    public String name() {
        return "cursors";
    }

    @Override
    public Duration interval() {
        return period;
    }

    @Override
    public Mono<Turn> turn() {
        return Mono.fromSupplier(() -> {
                    cursors.sweep();
                    return Turn.DONE;
                })
                .subscribeOn(scheduler);
    }
}
