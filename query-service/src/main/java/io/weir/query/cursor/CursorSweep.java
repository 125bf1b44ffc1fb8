package io.weir.query.cursor;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/** Ends cursors that are over from time to time, between the start and the stop. */
final class CursorSweep implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(CursorSweep.class);

    private final Cursors cursors;
    private final Duration period;
    private final Scheduler scheduler;
    private final Disposable.Swap work = Disposables.swap();
    private volatile boolean running;

    CursorSweep(Cursors cursors, Duration period, Scheduler scheduler) {
        this.cursors = cursors;
        this.period = period;
        this.scheduler = scheduler;
    }

    @Override
    public void start() {
        running = true;
        work.update(Flux.interval(period, scheduler)
                .onBackpressureDrop()
                .subscribe(tick -> cursors.sweep(), e -> LOG.error("cursors that are over end no more", e)));
    }

    @Override
    public void stop() {
        running = false;
        work.update(Disposables.disposed());
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
