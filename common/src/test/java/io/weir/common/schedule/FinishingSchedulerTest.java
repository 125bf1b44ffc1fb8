package io.weir.common.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.publisher.TestPublisher;

/** Invariant 5: a cancel at any moment releases every buffer. */
class FinishingSchedulerTest {

    private final Scheduler scheduler = new FinishingScheduler(Schedulers.newParallel("weir-test", 1, true));

    @AfterEach
    void dispose() {
        scheduler.dispose();
    }

    private CountDownLatch occupied() throws InterruptedException {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        scheduler.schedule(() -> {
            reached.countDown();
            long looked = 0;
            while (gate.getCount() > 0) {
                looked++; // a non-blocking thread may not wait
            }
            assertThat(looked).isNotNegative();
        });
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        return gate;
    }

    @Test
    void whatACancelledPublishOnHoldsIsDiscardedThoughItsTaskHadNotBegun() throws InterruptedException {
        CountDownLatch busy = occupied();
        AtomicInteger discarded = new AtomicInteger();
        TestPublisher<String> source = TestPublisher.create();
        Disposable running = source.flux()
                .publishOn(scheduler, 4)
                .doOnDiscard(String.class, buffer -> discarded.incrementAndGet())
                .subscribe();
        source.next("one", "two", "three");
        running.dispose();
        assertThat(discarded).hasValue(0);
        busy.countDown();
        CountDownLatch after = new CountDownLatch(1);
        scheduler.schedule(after::countDown);
        assertThat(after.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(discarded).hasValue(3);
    }

    @Test
    void aTaskForLaterGoesWithItsWorker() throws InterruptedException {
        AtomicInteger ran = new AtomicInteger();
        Scheduler.Worker worker = scheduler.createWorker();
        worker.schedule(ran::incrementAndGet, 1, TimeUnit.HOURS);
        Disposable periodic = worker.schedulePeriodically(ran::incrementAndGet, 1, 1, TimeUnit.HOURS);
        worker.dispose();
        assertThat(worker.isDisposed()).isTrue();
        assertThat(periodic.isDisposed()).isTrue();
        assertThat(ran).hasValue(0);
    }
}
