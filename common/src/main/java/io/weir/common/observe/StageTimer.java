package io.weir.common.observe;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * How long one stage takes, as a histogram, kept where the stage is and bound to a registry where there is one. Recording
 * allocates nothing, takes no lock, and does nothing before it is bound. Thread-safe.
 */
public final class StageTimer implements MeterBinder {

    /** Upper bounds of the buckets, the same for all histograms of Weir, so that they can be added up. */
    private static final Duration[] BUCKETS = DoubleStream.of(
                    0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)
            .mapToObj(millis -> Duration.ofNanos(Math.round(millis * 1e6)))
            .toArray(Duration[]::new);

    private final String name;
    private final String description;
    private final Tags tags;
    private volatile @Nullable Timer timer;

    /**
     * The timer of that stage.
     *
     * @param name of the meter, such as {@code weir.wal.sync}
     * @param tags keys and values
     */
    public StageTimer(String name, String description, String... tags) {
        this.name = name;
        this.description = description;
        this.tags = Tags.of(tags);
    }

    /** A timer with the buckets of Weir's histograms. */
    public static Timer histogram(MeterRegistry registry, String name, String description, Tags tags) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        timer = histogram(registry, name, description, tags);
    }

    /** It took so long. */
    public void record(long nanos) {
        Timer bound = timer;
        if (bound != null) {
            bound.record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** It took from then, in {@link System#nanoTime}, until now. */
    public void recordSince(long startNanos) {
        record(System.nanoTime() - startNanos);
    }
}
