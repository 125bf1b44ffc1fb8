package io.weir.common.live;

import io.weir.common.signal.Signal;
import io.weir.common.signal.Signals;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A bus over {@link Signals}. Whoever listens to channels says so at once and every five seconds; a channel is wanted for
 * fifteen seconds after somebody said it, so rows of measurements that nobody listens to are not sent. For as long after
 * something may have been said unheard, every channel is. Thread-safe; never blocks.
 *
 * <pre>
 *   query replica ── "tail": the channels it listens to, one a line ──▶ ingest replicas
 *   ingest replica ── "rows:CHANNEL": messages ──▶ query replicas that listen to it
 * </pre>
 */
public final class SignalRowBus implements RowBus, AutoCloseable {

    private static final String LISTENERS = "tail";
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final long KEPT_NANOS = EVERY.multipliedBy(3).toNanos();

    private final Signals signals;
    private final LongSupplier nanos;
    private final Map<String, Integer> listenedTo = new ConcurrentHashMap<>();

    /** Until when each channel is wanted. */
    private final Map<String, Long> wanted = new ConcurrentHashMap<>();

    private final Disposable hearing;
    private final Disposable saying;
    private volatile long unknownUntil;

    /**
     * A bus.
     *
     * @param nanos a clock, as {@link System#nanoTime}
     * @param timer where it is said again what is listened to
     */
    public SignalRowBus(Signals signals, LongSupplier nanos, Scheduler timer) {
        this.signals = signals;
        this.nanos = nanos;
        this.unknownUntil = nanos.getAsLong();
        this.hearing = signals.listen(LISTENERS).subscribe(this::heard);
        this.saying = Flux.interval(EVERY, timer).onBackpressureDrop().subscribe(tick -> {
            say();
            long now = nanos.getAsLong();
            wanted.values().removeIf(until -> until - now <= 0);
        });
    }

    private void heard(Signal signal) {
        long until = nanos.getAsLong() + KEPT_NANOS;
        if (signal instanceof Signal.Message message) {
            new String(message.bytes(), StandardCharsets.UTF_8).lines().forEach(channel -> wanted.put(channel, until));
        } else {
            unknownUntil = until;
        }
    }

    /** Names of measurements have no line ends. */
    private void say() {
        if (!listenedTo.isEmpty()) {
            signals.publish(LISTENERS, String.join("\n", listenedTo.keySet()).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    public boolean isWanted(String channel) {
        long now = nanos.getAsLong();
        if (unknownUntil - now > 0) {
            return true;
        }
        Long until = wanted.get(channel);
        return until != null && until - now > 0;
    }

    @Override
    public Mono<Void> publish(String channel, byte[] message) {
        return Mono.fromRunnable(() -> signals.publish(rows(channel), message));
    }

    @Override
    public Disposable subscribe(String channel, Consumer<byte[]> receiver) {
        Disposable rows = signals.listen(rows(channel)).subscribe(signal -> {
            if (signal instanceof Signal.Message message) {
                receiver.accept(message.bytes());
            }
        });
        listenedTo.merge(channel, 1, Integer::sum);
        say();
        return () -> {
            if (!rows.isDisposed()) {
                rows.dispose();
                listenedTo.computeIfPresent(channel, (name, listeners) -> listeners == 1 ? null : listeners - 1);
            }
        };
    }

    private static String rows(String channel) {
        return "rows:" + channel;
    }

    /** Listens no longer, and says nothing any more. */
    @Override
    public void close() {
        saying.dispose();
        hearing.dispose();
    }
}
