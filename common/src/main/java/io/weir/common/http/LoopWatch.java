package io.weir.common.http;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices event loops that do not go round: each runs a probe twice a second, and how late the probe comes is how long
 * everything else on that loop has waited. A loop is watched from its first connection on. Thread-safe.
 */
public final class LoopWatch implements MeterBinder, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LoopWatch.class);
    private static final Duration INTERVAL = Duration.ofMillis(500);

    /** A probe that late has met a stall. */
    private static final Duration STALL = Duration.ofMillis(100);

    /** A stall that long is told in the log while it lasts, with what the loop is doing. */
    private static final Duration TOLD = Duration.ofSeconds(2);

    private final Map<EventLoop, Probe> probes = new ConcurrentHashMap<>();
    private final LongAdder stalls = new LongAdder();
    private final Duration interval;
    private volatile LongConsumer delays = nanos -> {};
    private volatile boolean closed;

    /** Watches nothing yet. */
    public LoopWatch() {
        this(INTERVAL);
    }

    LoopWatch(Duration interval) {
        this.interval = interval;
    }

    /** Watches that loop from now on, unless it does so already. */
    void follow(EventLoop loop) {
        if (!probes.containsKey(loop) && !closed) {
            Probe probe = new Probe(loop);
            if (probes.putIfAbsent(loop, probe) == null) {
                probe.next();
            }
        }
    }

    /** Each delay of a probe, in nanoseconds, goes there from now on. */
    public void delaysTo(LongConsumer recorder) {
        delays = recorder;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("weir.loop.watched", probes, Map::size)
                .description("event loops that serve connections")
                .register(registry);
        TimeGauge.builder(
                        "weir.loop.stall",
                        this,
                        TimeUnit.NANOSECONDS,
                        of -> of.stall().toNanos())
                .description("how long the event loop that is stuck the longest has been so; 0 when none is")
                .register(registry);
        FunctionCounter.builder("weir.loop.stalls", stalls, LongAdder::sum)
                .description("times a loop was late by 100 ms or more")
                .register(registry);
    }

    /** How long the loop that has been stuck the longest has been so, at least 100 ms; zero when none is. */
    public Duration stall() {
        long longest = 0;
        for (Probe probe : probes.values()) {
            longest = Math.max(longest, probe.lateNanos());
        }
        return longest < STALL.toNanos() ? Duration.ZERO : Duration.ofNanos(longest);
    }

    /** Loops that are watched. */
    public int loops() {
        return probes.size();
    }

    /** Times a loop was late by 100 ms or more. */
    public long stalls() {
        return stalls.sum();
    }

    /** Tells of loops that are stuck, each once. To be called now and then, by a thread that is no loop. */
    public void look() {
        probes.values().forEach(Probe::tellIfStuck);
    }

    @Override
    public void close() {
        closed = true;
        probes.clear();
    }

    /** One loop; its times are written by that loop only. */
    private final class Probe implements Runnable {

        private final EventLoop loop;
        private volatile long dueNanos = System.nanoTime() + interval.toNanos();
        private volatile @Nullable Thread thread;
        private boolean told;

        Probe(EventLoop loop) {
            this.loop = loop;
        }

        @Override
        public void run() {
            thread = Thread.currentThread();
            long late = lateNanos();
            delays.accept(late);
            if (late >= STALL.toNanos()) {
                stalls.increment();
            }
            if (!closed) {
                next();
            }
        }

        @SuppressWarnings("FutureReturnValueIgnored") // it ends with its loop
        void next() {
            dueNanos = System.nanoTime() + interval.toNanos();
            try {
                loop.schedule(this, interval.toNanos(), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException ended) {
                probes.remove(loop);
            }
        }

        long lateNanos() {
            return Math.max(0, System.nanoTime() - dueNanos);
        }

        synchronized void tellIfStuck() {
            boolean stuck = lateNanos() >= TOLD.toNanos();
            Thread of = thread;
            if (stuck && !told && of != null && !loop.isShuttingDown()) {
                StringBuilder trace = new StringBuilder();
                for (StackTraceElement element : of.getStackTrace()) {
                    trace.append(System.lineSeparator()).append("\tat ").append(element);
                }
                LOG.warn("event loop {} has been stuck for {} ms:{}", of.getName(), lateNanos() / 1_000_000, trace);
            }
            told = stuck;
        }
    }
}
