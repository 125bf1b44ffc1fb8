package io.weir.r2dbc.sqlite;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Runs one connection's tasks in the order they came, one at a time, on a bounded scheduler: the only place from which
 * JDBC is called.
 *
 * <p>Each task is scheduled by itself, so that connections that share a thread take turns. A task is either run or
 * rejected, never lost: {@code pending} counts the tasks in the queue, and is negative for good once the worker is
 * disposed. The queue is as long as the caller's unanswered calls on this connection.
 */
final class ConnectionWorker {
    private static final int DISPOSED = Integer.MIN_VALUE;

    /** Something to do on the worker's thread; exactly one of the methods is called, once per {@link #execute}. */
    interface Task extends Runnable {
        /** The worker is disposed; called on any thread. */
        void rejected(RejectedExecutionException reason);
    }

    private final Scheduler.Worker worker;
    private final Queue<Task> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private volatile boolean disposeWhenIdle;

    ConnectionWorker(Scheduler.Worker worker) {
        this.worker = worker;
    }

    void execute(Task task) {
        queue.offer(task);
        int before = pending.getAndIncrement();
        if (before == 0) {
            schedule();
        } else if (before < 0 && queue.remove(task)) {
            task.rejected(new RejectedExecutionException("the connection's worker is disposed"));
        }
    }

    /** Gives the thread back once the tasks queued so far are done. */
    void disposeWhenIdle() {
        disposeWhenIdle = true;
        if (pending.compareAndSet(0, DISPOSED)) {
            worker.dispose();
        }
    }

    /**
     * Calls {@code work} on the worker, at the first request of each subscription.
     *
     * @param work may answer null for nothing
     * @param unclaimed takes, on the worker, a result that nobody waits for any more
     * @param onCancel called by a cancel that comes before the end of {@code work}, to stop it
     */
    <T> Mono<T> call(Supplier<? extends @Nullable T> work, Consumer<? super T> unclaimed, Runnable onCancel) {
        return new WorkerCall<>(this, work, unclaimed, onCancel);
    }

    /** Calls {@code action} on the worker; a cancel before it starts forgets it, a later one does not stop it. */
    Mono<Void> call(Runnable action) {
        return call(
                () -> {
                    action.run();
                    return null;
                },
                nothing -> {},
                () -> {});
    }

    private void schedule() {
        try {
            worker.schedule(this::runOne);
        } catch (RejectedExecutionException e) {
            rejectAll(e);
        }
    }

    private void runOne() {
        Task task = queue.poll();
        try {
            if (task != null) {
                task.run();
            }
        } finally {
            if (pending.decrementAndGet() > 0) {
                schedule();
            } else if (disposeWhenIdle && pending.compareAndSet(0, DISPOSED)) {
                worker.dispose();
            }
        }
    }

    private void rejectAll(RejectedExecutionException reason) {
        do {
            Task task = queue.poll();
            if (task != null) {
                task.rejected(reason);
            }
        } while (pending.decrementAndGet() > 0);
    }
}
