package io.weir.storage.object;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Fails a stream that gives nothing for some time while something is asked for. A slow reader never trips it: only the time
 * during which the source owes an element counts. One for each subscription.
 */
public final class SilenceLimit {

    private final long limitNanos;
    private final AtomicLong owed = new AtomicLong();
    private volatile long since = System.nanoTime();

    private SilenceLimit(Duration limit) {
        this.limitNanos = limit.toNanos();
    }

    /** That stream, failing with a {@link TimeoutException} when it is silent for longer. Cancels it then. */
    public static <T> Flux<T> on(Flux<T> source, Duration limit) {
        return Flux.defer(() -> {
            SilenceLimit silence = new SilenceLimit(limit);
            return source.doOnRequest(silence::owe).timeout(silence.exceeded(), element -> {
                silence.given();
                return silence.exceeded();
            });
        });
    }

    private void owe(long elements) {
        if (owed.getAndAccumulate(elements, SilenceLimit::sum) == 0) {
            since = System.nanoTime();
        }
    }

    private static long sum(long a, long b) {
        return a + b < 0 ? Long.MAX_VALUE : a + b;
    }

    private void given() {
        since = System.nanoTime();
        owed.decrementAndGet();
    }

    private Mono<Long> exceeded() {
        return Mono.defer(() -> Mono.delay(Duration.ofNanos(leftNanos())))
                .repeat(() -> leftNanos() > 0)
                .last();
    }

    private long leftNanos() {
        return owed.get() <= 0 ? limitNanos : Math.max(0, since + limitNanos - System.nanoTime());
    }
}
