package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class ThreadingTest extends SqliteFixture {

    @Test
    void blockHoundIsOn() {
        CountDownLatch never = new CountDownLatch(1);
        Callable<Boolean> blocking = () -> never.await(1, TimeUnit.MILLISECONDS);
        StepVerifier.create(Mono.fromCallable(blocking).subscribeOn(Schedulers.parallel()))
                .expectErrorMatches(error -> error instanceof BlockingOperationError)
                .verify(PATIENCE);
    }

    @Test
    void sqliteRunsOnOneWorkerThreadPerConnectionWhoeverSubscribes() {
        SqliteConnection connection = open();
        Probe probe = probe(connection);
        Flux<Object> work = Flux.range(0, 20)
                .publishOn(Schedulers.parallel())
                .concatMap(i -> select(connection, "SELECT probe(?1)", i), 1);
        assertThat(awaitAll(work)).hasSize(20);
        assertThat(awaitAll(select(connection, "SELECT probe(7)"))).containsExactly(7L);
        assertThat(probe.calls()).isEqualTo(21);
        assertThat(probe.threads()).hasSize(1).allMatch(name -> name.startsWith("weir-sqlite-"));
    }

    @Test
    void everyCallMayComeFromAThreadThatMustNotBlock() {
        Mono<Long> everything = Mono.usingWhen(
                        factory.create(),
                        connection -> update(connection, "CREATE TABLE t (a)")
                                .then(Mono.from(connection.beginTransaction()))
                                .then(update(connection, "INSERT INTO t VALUES (?)", 1))
                                .then(Mono.from(connection.createSavepoint("s")))
                                .then(Mono.from(connection.rollbackTransactionToSavepoint("s")))
                                .then(Mono.from(connection.commitTransaction()))
                                .then(select(connection, "SELECT a FROM t")
                                        .take(1)
                                        .then())
                                .then(Mono.error(new IllegalStateException("stop")))
                                .cast(Long.class)
                                .onErrorReturn(IllegalStateException.class, 1L),
                        connection -> connection.close())
                .subscribeOn(Schedulers.parallel());
        assertThat(await(everything)).isEqualTo(1L);
    }

    @Test
    void cancelFromAThreadThatMustNotBlockClosesOnTheWorker() {
        SqliteConnection connection = open();
        Probe probe = probe(connection);
        Disposable.Swap reading = Disposables.swap();
        ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
        reading.update(
                select(connection, ENDLESS + "SELECT count(probe(x)) FROM c").subscribe(row -> {}, errors::add));
        probe.awaitStart();
        run(Mono.fromRunnable(reading::dispose).subscribeOn(Schedulers.parallel()));
        settle(connection);
        assertThat(errors).isEmpty();
        assertThat(factory.metrics().openStatements()).isZero();
    }

    @Test
    void connectionsBeyondTheThreadsShareThemAndTakeTurns() {
        run(factory.close());
        factory = SqliteConnectionFactory.of(configuration().threads(1).build());
        SqliteConnection slow = open();
        SqliteConnection quick = open();
        // The quick one answers although the slow one, on the same thread, is asked for rows without end.
        Disposable reading = select(slow, ENDLESS + "SELECT x FROM c").subscribe();
        assertThat(awaitAll(select(quick, "SELECT 42"))).containsExactly(42L);
        reading.dispose();
        settle(slow);
        assertThat(driverThreads()).hasSize(1);
    }

    @Test
    void writersThatShareOneThreadDoNotBlockTheOwnerOfTheLock() {
        run(factory.close());
        factory = SqliteConnectionFactory.of(configuration().threads(1).build());
        SqliteConnection first = open();
        SqliteConnection second = open();
        run(update(first, "CREATE TABLE t (a)"));
        run(first.beginTransaction());
        Mono<Long> waiting = second.beginTransaction()
                .then(update(second, "INSERT INTO t VALUES (2)"))
                .delayUntil(count -> second.commitTransaction());
        Mono<Long> owner = update(first, "INSERT INTO t VALUES (1)").delayUntil(count -> first.commitTransaction());
        assertThat(awaitAll(Flux.merge(waiting, owner))).containsExactly(1L, 1L);
    }

    @Test
    void aGivenSchedulerIsUsedAndNotDisposed() {
        var scheduler = Schedulers.newBoundedElastic(2, 1000, "mine", 10, true);
        try {
            run(factory.close());
            factory = SqliteConnectionFactory.of(
                    configuration().scheduler(scheduler).build());
            SqliteConnection connection = open();
            Probe probe = probe(connection);
            run(select(connection, "SELECT probe(1)"));
            run(factory.close());
            assertThat(probe.threads()).allMatch(name -> name.startsWith("mine-"));
            assertThat(scheduler.isDisposed()).isFalse();
        } finally {
            scheduler.dispose();
        }
    }

    @Test
    void aSchedulerDisposedTooEarlyGivesErrorsNotSilence() {
        var scheduler = Schedulers.newBoundedElastic(1, 1000, "gone", 10, true);
        SqliteConnectionFactory other =
                SqliteConnectionFactory.of(configuration().scheduler(scheduler).build());
        scheduler.dispose();
        assertThat(failure(other.create())).hasMessageContaining("closed");
    }

    @Test
    void manyConnectionsUseNoMoreThreadsThanConfigured() {
        run(factory.close());
        factory = SqliteConnectionFactory.of(configuration().threads(3).build());
        var connections = IntStream.range(0, 12).mapToObj(i -> open()).toList();
        run(Flux.fromIterable(connections).flatMap(connection -> select(connection, "SELECT 1"), 12));
        assertThat(driverThreads()).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void zeroThreadsAreRefused() {
        assertThatThrownBy(() -> configuration().threads(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("threads 0 (expected: 1 or more)");
    }
}
