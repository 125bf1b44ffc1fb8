package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.spi.R2dbcRollbackException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class BusyTest extends SqliteFixture {
    private SqliteConnection owner;
    private SqliteConnection waiter;

    @BeforeEach
    void openTwo() {
        owner = open();
        waiter = open();
        run(update(owner, "CREATE TABLE t (a)"));
        run(owner.beginTransaction());
    }

    /** Ends when the driver has found the lock taken at least once. */
    private Mono<Long> firstRetry() {
        return Mono.delay(Duration.ofMillis(1))
                .repeat()
                .filter(tick -> factory.metrics().busyRetries() > 0)
                .next();
    }

    @Test
    void aStatementWaitsForTheLockAndRunsWhenItIsFree() {
        Sinks.One<Long> inserted = Sinks.one();
        update(waiter, "INSERT INTO t VALUES (1)").subscribe(inserted::tryEmitValue, inserted::tryEmitError);
        run(firstRetry());
        run(owner.commitTransaction());
        assertThat(await(inserted.asMono())).isOne();
        assertThat(factory.metrics().busyRetries()).isPositive();
        assertThat(factory.metrics().busyTimeouts()).isZero();
    }

    @Test
    void whenTheBusyTimeoutRunsOutTheErrorIsTransientAndSaysHowLong() {
        run(waiter.setLockWaitTimeout(Duration.ofMillis(50)));
        assertThat(failure(update(waiter, "INSERT INTO t VALUES (1)")))
                .isInstanceOf(R2dbcTransientResourceException.class)
                .isInstanceOf(SqliteBusyException.class)
                .hasMessageContaining("SQLITE_BUSY")
                .hasMessageContaining("still locked after PT0.05S (busyTimeout)");
        assertThat(factory.metrics().busyTimeouts()).isOne();
    }

    @Test
    void aCancelWhileWaitingStopsTheWait() {
        Disposable waiting = update(waiter, "INSERT INTO t VALUES (1)").subscribe();
        run(firstRetry());
        waiting.dispose();
        settle(waiter);
        run(owner.commitTransaction());
        assertThat(awaitAll(select(owner, "SELECT count(*) FROM t"))).containsExactly(0L);
        assertThat(factory.metrics().openStatements()).isZero();
    }

    @Test
    void aReadTransactionThatCannotBecomeAWriterFailsAtOnce() {
        run(owner.commitTransaction());
        run(update(waiter, "BEGIN DEFERRED; SELECT count(*) FROM t"));
        run(select(waiter, "SELECT count(*) FROM t"));
        run(update(owner, "INSERT INTO t VALUES (1)"));
        assertThat(failure(update(waiter, "INSERT INTO t VALUES (2)")))
                .isInstanceOf(R2dbcRollbackException.class)
                .hasMessageContaining("SQLITE_BUSY_SNAPSHOT");
        assertThat(factory.metrics().busyRetries()).isZero();
        run(waiter.preRelease());
    }

    @Test
    void theWaitEndsExactlyWithTheBusyTimeout() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        SqliteMetrics metrics = new SqliteMetrics();
        AtomicInteger attempts = new AtomicInteger();
        Mono<Object> locked = Mono.defer(() -> {
            attempts.incrementAndGet();
            return Mono.error(new SqliteBusyException("locked", SqliteErrors.BUSY, null, null));
        });
        StepVerifier.create(locked.retryWhen(new BusyRetry(Duration.ofSeconds(2), time, metrics)))
                .expectSubscription()
                .then(() -> time.advanceTimeBy(Duration.ofMillis(1999)))
                .then(() -> assertThat(metrics.busyTimeouts()).isZero())
                .then(() -> time.advanceTimeBy(Duration.ofMillis(1)))
                .expectErrorMessage("locked; still locked after PT2S (busyTimeout)")
                .verify(PATIENCE);
        // At most one attempt per millisecond, at least one per ceiling of 32 ms.
        assertThat(attempts.get()).isBetween(2000 / 32, 2001);
        assertThat(metrics.busyRetries()).isEqualTo(attempts.get() - 1);
    }

    @Test
    void otherErrorsAreNotRetried() {
        SqliteMetrics metrics = new SqliteMetrics();
        Mono<Object> wrong = Mono.error(new IllegalStateException("wrong"));
        StepVerifier.create(
                        wrong.retryWhen(new BusyRetry(Duration.ofSeconds(2), VirtualTimeScheduler.create(), metrics)))
                .expectErrorMessage("wrong")
                .verify(PATIENCE);
        assertThat(metrics.busyRetries()).isZero();
    }
}
