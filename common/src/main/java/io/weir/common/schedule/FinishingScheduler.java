package io.weir.common.schedule;

import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A scheduler whose workers finish what they were given: disposing of a worker drops only tasks for later, never one that
 * is about to run. Reactor's {@code publishOn} leaves it to such a task to release the buffers in its queue when it is
 * cancelled; if the task were dropped, they would leak. Thread-safe; owns the scheduler it stands in front of, whose
 * workers must own no thread.
 */
final class FinishingScheduler implements Scheduler {

    private final Scheduler scheduler;

    FinishingScheduler(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    @Override
    public Disposable schedule(Runnable task) {
        return scheduler.schedule(task);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        return scheduler.schedule(task, delay, unit);
    }

    @Override
    public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
        return scheduler.schedulePeriodically(task, initialDelay, period, unit);
    }

    @Override
    public long now(TimeUnit unit) {
        return scheduler.now(unit);
    }

    @Override
    public Worker createWorker() {
        return new FinishingWorker(scheduler.createWorker());
    }

    @Override
    public void init() {
        scheduler.init();
    }

    @Override
    public void dispose() {
        scheduler.dispose();
    }

    @Override
    public Mono<Void> disposeGracefully() {
        return scheduler.disposeGracefully();
    }

    @Override
    public boolean isDisposed() {
        return scheduler.isDisposed();
    }

    private static final class FinishingWorker implements Worker {

        private final Worker worker;
        private final Disposable.Composite later = Disposables.composite();

        FinishingWorker(Worker worker) {
            this.worker = worker;
        }

        @Override
        public Disposable schedule(Runnable task) {
            return worker.schedule(task);
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            return kept(worker.schedule(task, delay, unit));
        }

        @Override
        public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
            return kept(worker.schedulePeriodically(task, initialDelay, period, unit));
        }

        private Disposable kept(Disposable task) {
            later.add(task);
            return task;
        }

        @Override
        public void dispose() {
            later.dispose();
        }

        @Override
        public boolean isDisposed() {
            return later.isDisposed();
        }
    }
}
