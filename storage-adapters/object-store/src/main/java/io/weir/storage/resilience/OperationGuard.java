package io.weir.storage.resilience;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.weir.common.error.WeirException;
import io.weir.common.observe.TraceScope;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.SilenceLimit;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;
import reactor.util.retry.Retry;
import reactor.util.retry.RetryBackoffSpec;

/**
 * The protections of one class of calls. An attempt passes the bulkhead, then the breaker, and is ended by its time limit;
 * what ends it is told to the breaker. Thread-safe.
 */
final class OperationGuard {

    private static final double JITTER = 0.5;

    private final OperationClass operation;
    private final ResilienceSettings settings;
    private final StoreMeters meters;
    private final @Nullable CircuitBreaker breaker;
    private final @Nullable Bulkhead bulkhead;
    private final AnswerTimes answers;
    private volatile boolean denied;

    OperationGuard(OperationClass operation, ResilienceSettings settings, StoreMeters meters) {
        this.operation = operation;
        this.settings = settings;
        this.meters = meters;
        this.answers = new AnswerTimes(settings.time());
        this.breaker = settings.breaker().enabled() ? breaker(operation, settings.breaker()) : null;
        this.bulkhead = settings.mostCalls() > 0 ? bulkhead(operation, settings.mostCalls()) : null;
    }

    private static CircuitBreaker breaker(OperationClass operation, BreakerLimits limits) {
        return CircuitBreaker.of(
                operation.tag(),
                CircuitBreakerConfig.custom()
                        .slidingWindow(
                                limits.window(),
                                limits.leastCalls(),
                                CircuitBreakerConfig.SlidingWindowType.COUNT_BASED,
                                CircuitBreakerConfig.SlidingWindowSynchronizationStrategy
                                        .LOCK_FREE) // counted on event loops
                        .failureRateThreshold(limits.failurePercent())
                        .slowCallRateThreshold(limits.slowPercent())
                        .slowCallDurationThreshold(limits.slowAfter())
                        .waitDurationInOpenState(limits.openFor())
                        .permittedNumberOfCallsInHalfOpenState(limits.trials())
                        .maxWaitDurationInHalfOpenState(limits.openFor())
                        .build());
    }

    private static Bulkhead bulkhead(OperationClass operation, int most) {
        return Bulkhead.of(
                operation.tag(),
                BulkheadConfig.custom()
                        .maxConcurrentCalls(most)
                        .maxWaitDuration(Duration.ZERO)
                        .build());
    }

    /** One attempt of a call that sends that many bytes. */
    <T> Mono<T> attempt(long bytes, Mono<T> call) {
        return Mono.deferContextual(context -> {
            Attempt attempt = enter(bytes, context);
            return limited(call, answers.limit().plus(settings.time().timeFor(bytes)))
                    .doOnSuccess(result -> attempt.succeed())
                    .doOnError(attempt::fail)
                    .doOnCancel(attempt::cancel);
        });
    }

    /** The only attempt of a call whose length nobody knows: it has the total time, and its source's time does not count as slowness. */
    <T> Mono<T> attemptOnce(Mono<T> call) {
        return Mono.deferContextual(context -> {
            Attempt attempt = enter(0, context);
            attempt.doNotObserve();
            return limited(call, settings.time().total())
                    .doOnSuccess(result -> attempt.succeed())
                    .doOnError(attempt::fail)
                    .doOnCancel(attempt::cancel);
        });
    }

    /** One attempt of a call that gives a stream at its reader's pace: the reader's time does not count. */
    <T> Flux<T> attempt(Flux<T> call) {
        return Flux.deferContextual(context -> {
            Attempt attempt = enter(0, context);
            Duration limit = answers.limit();
            Flux<T> limited = settings.time().enabled()
                    ? SilenceLimit.on(call, limit).onErrorMap(TimeoutException.class, e -> tookTooLong(limit))
                    : call;
            return limited.doOnNext(element -> attempt.answered())
                    .doOnComplete(attempt::succeed)
                    .doOnError(attempt::fail)
                    .doOnCancel(attempt::cancel);
        });
    }

    /** All attempts of a call that may be repeated, sending that many bytes each. */
    <T> Mono<T> repeated(long bytes, Mono<T> attempt) {
        return limited(
                settings.retry().enabled() ? attempt.retryWhen(retry()) : attempt,
                settings.time().total(bytes));
    }

    /** All attempts of a stream that goes on where it was when it is subscribed to again. */
    <T> Flux<T> repeated(Flux<T> attempt) {
        return settings.retry().enabled() ? attempt.retryWhen(retry().transientErrors(true)) : attempt;
    }

    private RetryBackoffSpec retry() {
        RetryLimits limits = settings.retry();
        return Retry.backoff(limits.attempts() - 1L, limits.firstPause())
                .maxBackoff(limits.longestPause())
                .jitter(JITTER)
                .filter(e -> ObjectStoreError.OBJECT_STORE_FAILED.is(e) || ObjectStoreError.OBJECT_STORE_TIMEOUT.is(e))
                .doBeforeRetry(signal -> meters.retried(operation))
                .onRetryExhaustedThrow((spec, signal) -> signal.failure());
    }

    private <T> Mono<T> limited(Mono<T> call, Duration limit) {
        return settings.time().enabled() ? call.timeout(limit, Mono.error(() -> tookTooLong(limit))) : call;
    }

    private WeirException tookTooLong(Duration limit) {
        return new WeirException(
                ObjectStoreError.OBJECT_STORE_TIMEOUT,
                "the object store did not " + operation.tag() + " within " + limit.toMillis() + " ms");
    }

    private Attempt enter(long bytes, ContextView context) {
        if (bulkhead != null && !bulkhead.tryAcquirePermission()) {
            meters.refused(operation);
            throw new WeirException(
                    ObjectStoreError.OBJECT_STORE_BUSY,
                    settings.mostCalls() + " calls to " + operation.tag() + " wait for the object store already");
        }
        if (breaker != null && !breaker.tryAcquirePermission()) {
            if (bulkhead != null) {
                bulkhead.releasePermission();
            }
            meters.refused(operation);
            throw new WeirException(
                    ObjectStoreError.OBJECT_STORE_BUSY,
                    "the object store fails to " + operation.tag() + "; it is tried again within "
                            + settings.breaker().openFor().toMillis() + " ms");
        }
        return new Attempt(settings.time().timeFor(bytes).toNanos(), TraceScope.of(context));
    }

    /** {@code closed}, {@code open}, {@code half_open}, or {@code disabled}. */
    String state() {
        return breaker == null ? "disabled" : breaker.getState().name().toLowerCase(Locale.ROOT);
    }

    /** Whether the store refused the latest attempt that it answered: credentials, permissions, a bucket that is gone. */
    boolean isDenied() {
        return denied;
    }

    /** Time an attempt gets now, besides what its bytes need. */
    Duration attemptLimit() {
        return answers.limit();
    }

    /** Calls under way. */
    int underWay() {
        return bulkhead == null
                ? 0
                : settings.mostCalls() - bulkhead.getMetrics().getAvailableConcurrentCalls();
    }

    /** One attempt from its permission to its end, which comes once. */
    private final class Attempt {

        private final long start = System.nanoTime();
        private final long allowedNanos;
        private final @Nullable TraceScope trace;
        private final AtomicBoolean over = new AtomicBoolean();
        private volatile long answered;
        private volatile boolean observed = true;

        Attempt(long allowedNanos, @Nullable TraceScope trace) {
            this.allowedNanos = allowedNanos;
            this.trace = trace;
        }

        /** Its source's time is not the store's. */
        void doNotObserve() {
            observed = false;
            answered = start;
        }

        void answered() {
            if (answered == 0) {
                answered = System.nanoTime();
            }
        }

        void succeed() {
            end("ok", null, true);
        }

        void cancel() {
            end("cancelled", null, answered != 0); // who has an answer and wants no more was served
        }

        void fail(Throwable failure) {
            if (failure instanceof WeirException weir && weir.code() instanceof ObjectStoreError code) {
                boolean blamed =
                        ObjectStoreError.outcomeUnknown(failure) || code == ObjectStoreError.OBJECT_STORE_REFUSED;
                end(code.id(), blamed ? failure : null, code != ObjectStoreError.OBJECT_STORE_BUSY);
            } else {
                end("source-failed", null, false); // of the content that was to be put, not of the store
            }
        }

        /** What was answered tells how fast the store is; what was ended by the limit, that it is no longer. */
        private void observe(@Nullable Throwable blame, boolean counts, long nanos) {
            if (!observed) {
                return;
            }
            if (blame == null && counts) {
                answers.answered(nanos);
            } else if (blame != null && ObjectStoreError.OBJECT_STORE_TIMEOUT.is(blame)) {
                answers.timedOut(nanos);
            }
        }

        private void end(String outcome, @Nullable Throwable blame, boolean counts) {
            if (!over.compareAndSet(false, true)) {
                return;
            }
            long until = answered == 0 ? System.nanoTime() : answered;
            meters.ended(operation, outcome, until - start);
            if (trace != null) {
                trace.ended("store " + operation.tag(), start, blame == null);
            }
            if (counts) {
                denied = blame != null && ObjectStoreError.OBJECT_STORE_REFUSED.is(blame);
            }
            observe(blame, counts, until - start - allowedNanos);
            if (bulkhead != null) {
                bulkhead.releasePermission();
            }
            if (breaker == null) {
                return;
            }
            long nanos = Math.max(0, until - start - allowedNanos);
            if (blame != null) {
                breaker.onError(nanos, TimeUnit.NANOSECONDS, blame);
            } else if (counts) {
                breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
            } else {
                breaker.releasePermission();
            }
        }
    }
}
