package io.weir.r2dbc.sqlite;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * A call on a connection's worker, made at the first request of each subscription.
 *
 * <p>The end of the work and a cancel race for one state. When the work wins, its result is delivered even if a cancel
 * comes while it is on its way; when the cancel wins, the result is given back on the worker. So a result, which may be
 * an open connection or cursor, always has one owner; {@code Mono.create} would drop it in between.
 */
final class WorkerCall<T> extends Mono<T> {
    private final ConnectionWorker worker;
    private final Supplier<? extends @Nullable T> work;
    private final Consumer<? super T> unclaimed;
    private final Runnable onCancel;

    WorkerCall(
            ConnectionWorker worker,
            Supplier<? extends @Nullable T> work,
            Consumer<? super T> unclaimed,
            Runnable onCancel) {
        this.worker = worker;
        this.work = work;
        this.unclaimed = unclaimed;
        this.onCancel = onCancel;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> subscriber) {
        subscriber.onSubscribe(new Run(subscriber));
    }

    private enum State {
        NEW,
        QUEUED,
        RUNNING,
        ENDED,
        CANCELLED
    }

    private final class Run implements Subscription, ConnectionWorker.Task {
        private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
        private final CoreSubscriber<? super T> subscriber;

        Run(CoreSubscriber<? super T> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n) && state.compareAndSet(State.NEW, State.QUEUED)) {
                worker.execute(this);
            }
        }

        @Override
        public void cancel() {
            State before = state.getAndUpdate(old -> old == State.ENDED ? old : State.CANCELLED);
            if (before != State.ENDED && before != State.CANCELLED) {
                onCancel.run();
            }
        }

        @Override
        public void run() {
            if (!state.compareAndSet(State.QUEUED, State.RUNNING)) {
                return;
            }
            T result;
            try {
                result = work.get();
            } catch (Throwable e) {
                Exceptions.throwIfJvmFatal(e);
                // After a cancel nobody waits for the error, which is most likely the interrupt's own.
                if (state.compareAndSet(State.RUNNING, State.ENDED)) {
                    subscriber.onError(e);
                }
                return;
            }
            if (state.compareAndSet(State.RUNNING, State.ENDED)) {
                deliver(result);
            } else if (result != null) {
                unclaimed.accept(result);
            }
        }

        private void deliver(@Nullable T result) {
            if (result != null) {
                subscriber.onNext(result);
            }
            subscriber.onComplete();
        }

        @Override
        public void rejected(RejectedExecutionException reason) {
            if (state.compareAndSet(State.QUEUED, State.ENDED)) {
                subscriber.onError(SqliteErrors.closed("connection"));
            }
        }
    }
}
