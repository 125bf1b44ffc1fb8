package io.weir.storage.redis;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.event.CircuitBreakerOnStateTransitionEvent;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.reactive.RedisReactiveCommands;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Commands over one connection, for those who can do without the answer: it is empty when Redis is away, slow, full or
 * refuses, and then says so at once as soon as that has been found out. Thread-safe; never blocks.
 *
 * <pre>
 *   connected? ─ fewer than so many under way? ─ breaker ─ command, within its time
 *        └─────────────────┴───────────────────────┴─────────── no ──▶ empty
 * </pre>
 */
final class RedisLink {

    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
    private static final int WINDOW = 20;
    private static final int LEAST_CALLS = 5;
    private static final int FAILURE_PERCENT = 50;
    private static final int TRIALS = 2;

    private final String name;
    private final int most;
    private final KeptConnection<StatefulRedisConnection<byte[], byte[]>> connection;
    private final CircuitBreaker breaker;
    private final AtomicInteger underWay = new AtomicInteger();
    private final Timer answered;
    private final Timer failed;
    private final Timer timedOut;
    private final Counter away;
    private final Counter open;
    private final Counter busy;

    /**
     * @param name what it is for, in figures
     * @param most commands under way at once
     * @param openFor how long Redis is left alone when it failed
     */
    RedisLink(
            String name,
            int most,
            Duration openFor,
            KeptConnection<StatefulRedisConnection<byte[], byte[]>> connection,
            MeterRegistry registry) {
        this.name = name;
        this.most = most;
        this.connection = connection;
        this.breaker = CircuitBreaker.of(
                "redis-" + name,
                CircuitBreakerConfig.custom()
                        .slidingWindow(
                                WINDOW,
                                LEAST_CALLS,
                                CircuitBreakerConfig.SlidingWindowType.COUNT_BASED,
                                CircuitBreakerConfig.SlidingWindowSynchronizationStrategy
                                        .LOCK_FREE) // counted on event loops
                        .failureRateThreshold(FAILURE_PERCENT)
                        .waitDurationInOpenState(openFor)
                        .permittedNumberOfCallsInHalfOpenState(TRIALS)
                        .maxWaitDurationInHalfOpenState(openFor)
                        .build());
        breaker.getEventPublisher().onStateTransition(this::changed);
        this.answered = timer(registry, "ok");
        this.failed = timer(registry, "failed");
        this.timedOut = timer(registry, "timeout");
        this.away = refusals(registry, "away");
        this.open = refusals(registry, "open");
        this.busy = refusals(registry, "busy");
        Gauge.builder("weir.redis.connected", connection, kept -> kept.current() == null ? 0 : 1)
                .tag("link", name)
                .register(registry);
        Gauge.builder("weir.redis.requests", underWay, AtomicInteger::get)
                .tag("link", name)
                .register(registry);
    }

    private void changed(CircuitBreakerOnStateTransitionEvent event) {
        switch (event.getStateTransition()) {
            case CLOSED_TO_OPEN ->
                LOG.warn("Redis fails ({}); until it answers again this server does without it", name);
            case HALF_OPEN_TO_CLOSED -> LOG.info("Redis answers again ({})", name);
            default -> {}
        }
    }

    private Timer timer(MeterRegistry registry, String outcome) {
        return Timer.builder("weir.redis.commands")
                .tag("link", name)
                .tag("outcome", outcome)
                .register(registry);
    }

    private Counter refusals(MeterRegistry registry, String cause) {
        return Counter.builder("weir.redis.refused")
                .tag("link", name)
                .tag("cause", cause)
                .register(registry);
    }

    /** The answer of that command, empty also when there is none in that time. Never fails. */
    <T> Mono<T> call(Duration limit, Function<RedisReactiveCommands<byte[], byte[]>, Mono<T>> command) {
        return Mono.defer(() -> {
            StatefulRedisConnection<byte[], byte[]> connected = connection.current();
            if (connected == null) {
                away.increment();
                return Mono.empty();
            }
            if (underWay.incrementAndGet() > most) {
                underWay.decrementAndGet();
                busy.increment();
                return Mono.empty();
            }
            if (!breaker.tryAcquirePermission()) {
                underWay.decrementAndGet();
                open.increment();
                return Mono.empty();
            }
            Call call = new Call();
            return command.apply(connected.reactive())
                    .timeout(limit)
                    .doOnSuccess(answer -> call.succeed())
                    .doOnError(call::fail)
                    .doOnCancel(call::cancel)
                    .onErrorComplete();
        });
    }

    /** {@code away}, or the breaker's {@code closed}, {@code open}, {@code half_open}. */
    String state() {
        return connection.current() == null ? "away" : breaker.getState().name().toLowerCase(Locale.ROOT);
    }

    /** Whether a command would be sent now, as far as that can be told without asking. */
    boolean isReady() {
        return connection.current() != null && breaker.getState() != CircuitBreaker.State.OPEN;
    }

    /** A command from its permission to its end, which comes once. */
    private final class Call {

        private final long start = System.nanoTime();
        private final AtomicBoolean over = new AtomicBoolean();

        void succeed() {
            if (over.compareAndSet(false, true)) {
                underWay.decrementAndGet();
                long nanos = System.nanoTime() - start;
                answered.record(nanos, TimeUnit.NANOSECONDS);
                breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
            }
        }

        void fail(Throwable failure) {
            if (over.compareAndSet(false, true)) {
                underWay.decrementAndGet();
                long nanos = System.nanoTime() - start;
                (failure instanceof TimeoutException ? timedOut : failed).record(nanos, TimeUnit.NANOSECONDS);
                breaker.onError(nanos, TimeUnit.NANOSECONDS, failure);
            }
        }

        void cancel() {
            if (over.compareAndSet(false, true)) {
                underWay.decrementAndGet();
                breaker.releasePermission();
            }
        }
    }
}
