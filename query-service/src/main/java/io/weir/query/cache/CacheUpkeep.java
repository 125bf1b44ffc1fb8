package io.weir.query.cache;

import io.weir.query.engine.QueryProperties;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** What a cache needs done from time to time: sweeping, and asking in advance. From after the start to before the stop. */
final class CacheUpkeep implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(CacheUpkeep.class);
    private static final int PHASE = Integer.MAX_VALUE - 1024; // begins after the server listens, ends before it stops

    private final QueryCache cache;
    private final QueryCacheSettings settings;
    private final CacheWarmer warmer;
    private final Scheduler scheduler;
    private final Disposable.Swap work = Disposables.swap();
    private volatile boolean running;

    CacheUpkeep(QueryCache cache, QueryCacheSettings settings, QueryProperties queries, Scheduler scheduler) {
        this.cache = cache;
        this.settings = settings;
        this.warmer = new CacheWarmer(cache, settings.warm(), queries.allowedRows(), queries.timeout());
        this.scheduler = scheduler;
    }

    @Override
    public void start() {
        running = true;
        if (!settings.enabled()) {
            return;
        }
        Mono<Void> sweeping = every(settings.sweep(), settings.sweep(), Mono.fromRunnable(cache::sweep));
        Mono<Void> warming = settings.warm().isEmpty()
                ? Mono.empty()
                : every(Duration.ZERO, settings.warmEvery(), Mono.defer(warmer::once));
        work.update(Mono.when(sweeping, warming)
                .subscribe(nothing -> {}, e -> LOG.error("the upkeep of the query cache has ended", e)));
    }

    private Mono<Void> every(Duration first, Duration period, Mono<Void> what) {
        return Flux.interval(first, period, scheduler)
                .onBackpressureDrop()
                .concatMap(
                        tick -> what.onErrorResume(e -> {
                            LOG.error("the upkeep of the query cache failed; it goes on", e);
                            return Mono.empty();
                        }),
                        1)
                .then();
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

    @Override
    public int getPhase() {
        return PHASE;
    }
}
