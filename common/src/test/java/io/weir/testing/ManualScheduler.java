package io.weir.testing;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/** A scheduler whose tasks wait until a test runs them. */
public final class ManualScheduler implements Scheduler {

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** Runs what waits, and what that schedules, on this thread. */
    public void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Override
    public Disposable schedule(Runnable task) {
        tasks.add(task);
        return () -> tasks.remove(task);
    }

    @Override
    public Worker createWorker() {
        throw new UnsupportedOperationException("nothing under test has a worker of its own");
    }
}
