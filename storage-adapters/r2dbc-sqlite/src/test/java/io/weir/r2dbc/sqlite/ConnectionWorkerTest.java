package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class ConnectionWorkerTest {

    @Test
    void callsRunInTheOrderTheyAreRequested() {
        StepwiseWorker steps = new StepwiseWorker();
        ConnectionWorker worker = new ConnectionWorker(steps);
        List<Integer> order = new CopyOnWriteArrayList<>();
        Flux.range(0, 5)
                .flatMap(i -> worker.call(() -> {
                    order.add(i);
                }))
                .subscribe();
        assertThat(order).isEmpty();
        steps.runAll();
        assertThat(order).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void aCallCancelledBeforeItRunsIsForgotten() {
        StepwiseWorker steps = new StepwiseWorker();
        ConnectionWorker worker = new ConnectionWorker(steps);
        AtomicInteger runs = new AtomicInteger();
        worker.call(runs::incrementAndGet).subscribe().dispose();
        steps.runAll();
        assertThat(runs).hasValue(0);
    }

    @Test
    void aResultThatNobodyWaitsForIsGivenBack() {
        StepwiseWorker steps = new StepwiseWorker();
        ConnectionWorker worker = new ConnectionWorker(steps);
        AtomicInteger cancels = new AtomicInteger();
        AtomicInteger unclaimed = new AtomicInteger();
        var subscription = Disposables.swap();
        subscription.update(worker.call(
                        () -> {
                            subscription.dispose();
                            return "late";
                        },
                        late -> unclaimed.incrementAndGet(),
                        cancels::incrementAndGet)
                .subscribe());
        steps.runAll();
        assertThat(cancels).hasValue(1);
        assertThat(unclaimed).hasValue(1);
    }

    @Test
    void aDisposedWorkerRefusesCalls() {
        ConnectionWorker worker = new ConnectionWorker(Schedulers.immediate().createWorker());
        worker.disposeWhenIdle();
        StepVerifier.create(worker.call(() -> {}))
                .expectErrorMessage("connection is closed")
                .verify();
    }

    @Test
    void aSchedulerThatRefusesGivesAnErrorToEveryCall() {
        ConnectionWorker worker = new ConnectionWorker(new Scheduler.Worker() {
            @Override
            public Disposable schedule(Runnable task) {
                throw new RejectedExecutionException("full");
            }

            @Override
            public void dispose() {}
        });
        StepVerifier.create(
                        Flux.range(0, 3).concatMap(i -> worker.call(() -> {}).materialize()))
                .expectNextCount(3)
                .verifyComplete();
    }

    @RepeatedTest(50)
    void noCallIsLostWhenTheWorkerIsDisposedAtTheSameTime() {
        Scheduler scheduler = Schedulers.newBoundedElastic(2, 1000, "race", 5, true);
        try {
            ConnectionWorker worker = new ConnectionWorker(scheduler.createWorker());
            Mono<Void> dispose =
                    Mono.<Void>fromRunnable(worker::disposeWhenIdle).subscribeOn(Schedulers.parallel());
            Flux<Object> calls = Flux.range(0, 20)
                    .flatMap(i -> Mono.defer(() -> worker.call(() -> "done", unused -> {}, () -> {}))
                            .cast(Object.class)
                            .onErrorResume(error -> Mono.just(error.getMessage()))
                            .subscribeOn(Schedulers.parallel()));
            StepVerifier.create(Flux.merge(calls, dispose))
                    .expectNextCount(20)
                    .expectComplete()
                    .verify(SqliteFixture.PATIENCE);
        } finally {
            scheduler.dispose();
        }
    }

    /** Runs what was scheduled when the test says so. */
    private static final class StepwiseWorker implements Scheduler.Worker {
        private final Queue<Runnable> tasks = new ArrayDeque<>();

        @Override
        public Disposable schedule(Runnable task) {
            tasks.add(task);
            return Disposables.disposed();
        }

        @Override
        public void dispose() {
            tasks.clear();
        }

        void runAll() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }
    }
}
