package io.weir.common.observe;

import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/** Takes a sample of all meters now and then. */
final class HistorySampler implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HistorySampler.class);

    private final WatchedMeterRegistry registry;
    private final MetricsSettings.History settings;
    private final Scheduler watch;
    private final Clock clock;
    private final MetricsHistory history;
    private volatile Disposable sampling = () -> {};

    HistorySampler(WatchedMeterRegistry registry, MetricsSettings.History settings, Scheduler watch, Clock clock) {
        this.registry = registry;
        this.settings = settings;
        this.watch = watch;
        this.clock = clock;
        this.history = new MetricsHistory(settings);
        history.bindTo(registry);
    }

    void start() {
        if (settings.enabled()) {
            long millis = settings.interval().toMillis();
            sampling = watch.schedulePeriodically(this::sample, millis, millis, TimeUnit.MILLISECONDS);
        }
    }

    private void sample() {
        try {
            history.add(clock.millis(), registry.collect());
        } catch (RuntimeException e) {
            LOG.debug("a sample of the metrics is missing from their history", e); // counted by the registry
        }
    }

    MetricsHistory history() {
        return history;
    }

    @Override
    public void close() {
        sampling.dispose();
    }
}
