package io.weir.common.supervise;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/**
 * Runs every background loop of a process. A turn that fails is logged with its stack, counted, told in {@link #status}, and
 * tried again after a pause that doubles up to a minute; it never ends its loop, nor touches another. Starts in the order
 * the loops were given, once all are prepared, and stops in the other. Thread-safe.
 */
public final class Supervisor implements AutoCloseable {

    private static final Duration PREPARATION = Duration.ofMinutes(2);

    private final List<SupervisedLoop> loops;

    /**
     * A supervisor that runs nothing yet.
     *
     * @param loops in order of their start; names differ; only those that are enabled are run
     * @param timer where pauses are waited for and turns begin; never blocked
     * @param clock gives the times of successes
     */
    public Supervisor(List<BackgroundLoop> loops, Scheduler timer, Clock clock, MeterRegistry registry) {
        this(loops, timer, clock, registry, () -> ThreadLocalRandom.current().nextDouble());
    }

    Supervisor(
            List<BackgroundLoop> loops, Scheduler timer, Clock clock, MeterRegistry registry, DoubleSupplier chance) {
        if (loops.stream().map(BackgroundLoop::name).distinct().count() != loops.size()) {
            throw new IllegalArgumentException("two background loops have one name: "
                    + loops.stream().map(BackgroundLoop::name).toList());
        }
        Backoff backoff = new Backoff(chance);
        this.loops = loops.stream()
                .filter(BackgroundLoop::enabled)
                .map(loop -> new SupervisedLoop(loop, timer, clock, backoff, registry))
                .toList();
    }

    /** Prepares every loop, then starts them. Blocks; throws what a preparation failed of, and then nothing runs. */
    public void start() {
        Flux.fromIterable(loops).concatMap(SupervisedLoop::prepare).then().block(PREPARATION);
        loops.forEach(SupervisedLoop::start);
    }

    /** How each loop fares, in order of their start. */
    public List<LoopStatus> status() {
        return loops.stream().map(SupervisedLoop::status).toList();
    }

    /** Stops the loops, last one first, each before the next. Idempotent. */
    @Override
    public void close() {
        List<SupervisedLoop> reversed = new ArrayList<>(loops);
        Collections.reverse(reversed);
        reversed.forEach(SupervisedLoop::stop);
    }
}
