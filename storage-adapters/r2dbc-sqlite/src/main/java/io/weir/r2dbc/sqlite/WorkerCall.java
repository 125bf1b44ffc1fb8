package io.weir.r2dbc.sqlite;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.MonoSink;

/** One call on a connection's worker. The race of its end against a cancel has one winner, who owns the result. */
final class WorkerCall<T> implements ConnectionWorker.Task {
    private enum State {
        WAITING,
        RUNNING,
        ENDED,
        CANCELLED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private final MonoSink<T> sink;
    private final Supplier<? extends @Nullable T> work;
    private final Consumer<? super T> unclaimed;
    private final Runnable onCancel;

    WorkerCall(
            MonoSink<T> sink, Supplier<? extends @Nullable T> work, Consumer<? super T> unclaimed, Runnable onCancel) {
        this.sink = sink;
        this.work = work;
        this.unclaimed = unclaimed;
        this.onCancel = onCancel;
    }

    @Override
    public void run() {
        if (!state.compareAndSet(State.WAITING, State.RUNNING)) {
            return;
        }
        T result;
        try {
            result = work.get();
        } catch (Throwable e) {
            Exceptions.throwIfJvmFatal(e);
            // After a cancel nobody waits for the error, which is most likely the interrupt's own.
            if (state.compareAndSet(State.RUNNING, State.ENDED)) {
                sink.error(e);
            }
            return;
        }
        if (state.compareAndSet(State.RUNNING, State.ENDED)) {
            sink.success(result);
        } else if (result != null) {
            unclaimed.accept(result);
        }
    }

    @Override
    public void rejected(RejectedExecutionException reason) {
        if (state.compareAndSet(State.WAITING, State.ENDED)) {
            sink.error(SqliteErrors.closed("connection"));
        }
    }

    void cancel() {
        if (state.getAndUpdate(old -> old == State.ENDED ? old : State.CANCELLED) != State.ENDED) {
            onCancel.run();
        }
    }
}
