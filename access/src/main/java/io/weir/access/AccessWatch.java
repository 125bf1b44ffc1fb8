package io.weir.access;

import io.weir.common.limit.OrganisationLimits;
import io.weir.common.limit.Quotas;
import io.weir.storage.catalog.AccessCatalog;
import io.weir.storage.catalog.Organisation;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Keeps this process in step with what the catalog says of access: it looks for changes of others, several times a second,
 * and hands limits to the quotas. While the catalog does not answer, what is known stays in use for its time to live.
 * Thread-safe; never blocks.
 */
final class AccessWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AccessWatch.class);

    private final AccessCatalog catalog;
    private final VerificationCache cache;
    private final Quotas quotas;
    private final AccessSignals signals;
    private final Scheduler timer;
    private final AtomicLong seen = new AtomicLong(-1);
    private final Disposable.Swap running = Disposables.swap();
    private volatile boolean away;

    AccessWatch(AccessCatalog catalog, VerificationCache cache, Quotas quotas, AccessSignals signals, Scheduler timer) {
        this.catalog = catalog;
        this.cache = cache;
        this.quotas = quotas;
        this.signals = signals;
        this.timer = timer;
    }

    /** Looks from now on. */
    void start(Duration poll) {
        Flux<Boolean> told = Flux.create(sink -> sink.onDispose(signals.listen(() -> sink.next(true))));
        // One look at a time; what comes during one is looked at once after it.
        running.update(Flux.merge(Flux.interval(poll, timer).map(tick -> true), told)
                .onBackpressureLatest()
                .concatMap(due -> look(), 1)
                .subscribe());
    }

    /** Looks once whether anything changed, and follows. Never fails. */
    Mono<Void> look() {
        return catalog.revision()
                .filter(revision -> revision != seen.get())
                .flatMap(revision -> {
                    cache.invalidate();
                    return limits().doOnSuccess(done -> seen.set(revision));
                })
                .doOnSuccess(done -> away = false)
                .onErrorResume(e -> {
                    if (!away) {
                        away = true;
                        LOG.warn("changes of tokens and organisations cannot be followed until the catalog answers", e);
                    }
                    return Mono.empty();
                });
    }

    /** After a change of this process: it holds here at once, and soon elsewhere. */
    Mono<Void> changed() {
        return Mono.defer(() -> {
            cache.invalidate();
            signals.publish();
            return limits().onErrorComplete(); // the next look makes up for it
        });
    }

    private Mono<Void> limits() {
        return catalog.organisations().doOnNext(this::apply).then();
    }

    private void apply(List<Organisation> organisations) {
        Map<String, OrganisationLimits> limits = new HashMap<>();
        organisations.forEach(organisation -> limits.put(organisation.name(), organisation.limits()));
        quotas.apply(limits);
    }

    @Override
    public void close() {
        running.dispose();
    }
}
