package io.weir.storage.duckdb;

import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The right to run one query, with the one thread that runs it: everything a session does with its connection happens
 * there, closing included, so that no cancel can overtake a statement. Reused by one query after the other.
 */
final class SessionSlot implements Disposable {

    /** For the deepest statement that is allowed, which the engine reads, plans and shows by recursion; only what is used is taken. */
    private static final long STACK_BYTES = 64L << 20;

    private final Scheduler worker;
    private final Sinks.Empty<Void> disposed = Sinks.empty();

    SessionSlot(int number) {
        // A plain thread: the engine blocks it, which a thread marked non-blocking must never be.
        this.worker = Schedulers.newSingle(task -> {
            Thread thread = new Thread(null, task, "weir-query-" + number, STACK_BYTES);
            thread.setDaemon(true);
            return thread;
        });
    }

    Scheduler worker() {
        return worker;
    }

    @Override
    public void dispose() {
        worker.dispose();
        disposed.tryEmitEmpty(); // a second time it says so, and means nothing
    }

    /** Completes when the slot was disposed and its thread has nothing left to do. */
    Mono<Void> ended() {
        return disposed.asMono().then(Mono.defer(worker::disposeGracefully));
    }
}
