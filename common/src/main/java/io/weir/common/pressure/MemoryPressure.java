package io.weir.common.pressure;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * Whether memory is short, and who is told of it. It is after two looks in a row at which some part is above the high mark,
 * and no longer after five at which all are below the low one; in between nothing changes. Thread-safe.
 *
 * <pre>
 *   part of heap, direct, container    ── above high, twice ──▶ SHORT: listeners shed load
 *                                      ◀─ below low, 5 times ── as before
 * </pre>
 *
 * <p>What is alive in the heap is known as of the latest collection. Where load is shed there may be none for long, so one
 * is asked for now and then while the heap is what is short.
 */
public final class MemoryPressure implements MeterBinder, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MemoryPressure.class);
    private static final int LOOKS_TO_BEGIN = 2;
    private static final int LOOKS_TO_END = 5;
    private static final long COLLECTION_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final PressureSettings settings;
    private final Supplier<ProcessMemory> reader;
    private final Runnable collect;
    private final List<PressureListener> listeners;
    private final LongAdder times = new LongAdder();
    private volatile ProcessMemory latest;
    private volatile boolean high;
    private volatile Disposable looking = () -> {};
    private int looks;
    private long collectedNanos = System.nanoTime();

    /** The pressure on this process. */
    public MemoryPressure(PressureSettings settings, List<PressureListener> listeners) {
        this(settings, listeners, ProcessMemory::read, System::gc);
    }

    MemoryPressure(
            PressureSettings settings,
            List<PressureListener> listeners,
            Supplier<ProcessMemory> reader,
            Runnable collect) {
        this.settings = settings;
        this.listeners = List.copyOf(listeners);
        this.reader = reader;
        this.collect = collect;
        this.latest = reader.get();
    }

    /** Looks now and then from now on, by a thread of that scheduler, which may wait. */
    public void start(Scheduler watch) {
        long millis = settings.interval().toMillis();
        looking = watch.schedulePeriodically(this::lookSafely, millis, millis, TimeUnit.MILLISECONDS);
    }

    private void lookSafely() {
        try {
            look();
        } catch (RuntimeException e) {
            LOG.error("the memory of the process cannot be watched", e);
        }
    }

    /** Reads the memory, and tells the listeners when that changes the state. */
    synchronized void look() {
        ProcessMemory now = reader.get();
        latest = now;
        if (!settings.enabled()) {
            return;
        }
        boolean towardsChange = high ? now.largestPart() < settings.low() : now.largestPart() >= settings.high();
        looks = towardsChange ? looks + 1 : 0;
        if (looks >= (high ? LOOKS_TO_END : LOOKS_TO_BEGIN)) {
            looks = 0;
            change(!high, now);
        } else if (high && now.heapPart() >= settings.low()) {
            collectIfDue();
        }
    }

    private void change(boolean nowHigh, ProcessMemory memory) {
        high = nowHigh;
        if (nowHigh) {
            times.increment();
            collectedNanos = System.nanoTime();
            LOG.warn("memory is short, load is shed: {}", text(memory));
        } else {
            LOG.info("memory is no longer short: {}", text(memory));
        }
        for (PressureListener listener : listeners) {
            try {
                listener.pressed(nowHigh);
            } catch (RuntimeException e) {
                LOG.error("{} cannot follow the pressure on memory", listener, e);
            }
        }
    }

    private void collectIfDue() {
        long now = System.nanoTime();
        if (now - collectedNanos >= COLLECTION_INTERVAL_NANOS) {
            collectedNanos = now;
            collect.run();
        }
    }

    private static String text(ProcessMemory memory) {
        return String.format(
                Locale.ROOT,
                "%.0f %% of the heap alive, %.0f %% of direct memory, %.0f %% of the container",
                memory.heapPart() * 100,
                memory.directPart() * 100,
                memory.residentPart() * 100);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("weir.pressure.high", this, of -> of.isHigh() ? 1 : 0)
                .description("1 while memory is short and load is shed")
                .register(registry);
        FunctionCounter.builder("weir.pressure.times", times, LongAdder::sum)
                .description("times memory became short")
                .register(registry);
        bytes(registry, "weir.process.heap.live", "heap that the latest collections left", ProcessMemory::heapLive);
        bytes(registry, "weir.process.direct", "buffers outside of the heap", ProcessMemory::direct);
        bytes(registry, "weir.process.direct.limit", "most of them", ProcessMemory::directMax);
        bytes(registry, "weir.process.resident", "memory of the process", ProcessMemory::resident);
        bytes(registry, "weir.process.memory.limit", "memory of the container or machine", ProcessMemory::limit);
    }

    private void bytes(MeterRegistry registry, String name, String description, ToDoubleFunction<ProcessMemory> value) {
        Gauge.builder(name, this, of -> value.applyAsDouble(of.latest()))
                .description(description)
                .baseUnit("bytes")
                .register(registry);
    }

    /** Whether memory is short. */
    public boolean isHigh() {
        return high;
    }

    /** The memory as of the latest look. */
    public ProcessMemory latest() {
        return latest;
    }

    @Override
    public void close() {
        looking.dispose();
    }
}
