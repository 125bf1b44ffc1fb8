package io.weir.query.cache;

import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Takes results that are too old out of the cache from time to time. */
final class CacheUpkeep implements BackgroundLoop {

    private final QueryCache cache;
    private final QueryCacheSettings settings;
    private final Scheduler scheduler;

    CacheUpkeep(QueryCache cache, QueryCacheSettings settings, Scheduler scheduler) {
        this.cache = cache;
        this.settings = settings;
        this.scheduler = scheduler;
    }

    @Override
    public String name() {
        return "query-cache";
    }

    @Override
    public Duration interval() {
        return settings.sweep();
    }

    @Override
    public boolean enabled() {
        return settings.enabled();
    }

    @Override
    public Mono<Turn> turn() {
        return Mono.fromSupplier(() -> {
                    cache.sweep();
                    return Turn.DONE;
                })
                .subscribeOn(scheduler);
    }
}
