package io.weir.r2dbc.sqlite;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * Tries a call again while the database is locked, until the busy timeout is over.
 *
 * <p>SQLite's own busy handler sleeps on the thread that wants the lock; when connections share a thread, that may be
 * the thread the lock's owner needs to commit. So SQLite is told not to wait, and the wait is a timer. The delay is
 * random up to a ceiling that doubles from 1 to 32 ms, so that waiters spread.
 */
final class BusyRetry extends Retry {
    private static final int CEILING_BITS = 5;

    private final Duration timeout;
    private final Scheduler timer;
    private final SqliteMetrics metrics;

    BusyRetry(Duration timeout, Scheduler timer, SqliteMetrics metrics) {
        this.timeout = timeout;
        this.timer = timer;
        this.metrics = metrics;
    }

    @Override
    public Publisher<?> generateCompanion(Flux<RetrySignal> failures) {
        Wait wait = new Wait();
        return failures.concatMap(signal -> wait.next(signal.failure()), 1);
    }

    /** The waiting of one subscription. */
    private final class Wait {
        private long startMillis;
        private int attempts;

        Mono<Long> next(Throwable failure) {
            if (!(failure instanceof SqliteBusyException busy)) {
                return Mono.error(failure);
            }
            long nowMillis = timer.now(TimeUnit.MILLISECONDS);
            if (attempts == 0) {
                startMillis = nowMillis;
            }
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(Durations.nanos(timeout)) - (nowMillis - startMillis);
            if (leftMillis <= 0) {
                metrics.busyTimedOut();
                return Mono.error(busy.afterWaiting(timeout));
            }
            metrics.busyRetried();
            long ceilingMillis = 1L << Math.min(attempts++, CEILING_BITS);
            long delayMillis = ThreadLocalRandom.current().nextLong(1, ceilingMillis + 1);
            return Mono.delay(Duration.ofMillis(Math.min(delayMillis, leftMillis)), timer);
        }
    }
}
