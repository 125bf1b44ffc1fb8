package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.Result;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The rows of a cursor, read on the connection's worker as they are requested; for one subscriber.
 *
 * <p>A request from zero queues a task; the task reads what is requested and ends, so no thread waits for demand. While
 * {@code requested} is not zero the task is queued or running, and there is never more than one. A cancel interrupts
 * the read in progress and queues the close of the cursor, so JDBC stays on the worker whoever cancels. After a share
 * of rows the task queues itself again behind the other connections of its thread.
 */
final class RowSource extends Flux<Result.Segment> {
    private static final int SHARE = 512;

    private final Cursor cursor;
    private final ConnectionWorker worker;

    RowSource(Cursor cursor, ConnectionWorker worker) {
        this.cursor = cursor;
        this.worker = worker;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Result.Segment> subscriber) {
        if (cursor.claim()) {
            subscriber.onSubscribe(new Reading(subscriber));
        } else {
            Operators.error(
                    subscriber, new IllegalStateException("the result was consumed before (expected: one subscriber)"));
        }
    }

    /** Closes the cursor without reading it, because its rows are not wanted. */
    void discard() {
        if (cursor.claim()) {
            closeOnWorker();
        }
    }

    private void closeOnWorker() {
        worker.execute(new ConnectionWorker.Task() {
            @Override
            public void run() {
                cursor.close();
            }

            @Override
            public void rejected(RejectedExecutionException reason) {
                // The connection is closed, and the cursor with it.
            }
        });
    }

    private final class Reading implements Subscription, ConnectionWorker.Task {
        private final CoreSubscriber<? super Result.Segment> subscriber;
        private final AtomicLong requested = new AtomicLong();
        private volatile boolean cancelled;
        private boolean countIsDue;

        Reading(CoreSubscriber<? super Result.Segment> subscriber) {
            this.subscriber = subscriber;
            this.countIsDue = cursor.returnsChangedRows();
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n) && requested.getAndAccumulate(n, Operators::addCap) == 0) {
                worker.execute(this);
            }
        }

        @Override
        public void cancel() {
            if (!cancelled) {
                cancelled = true;
                cursor.cancel();
                closeOnWorker();
            }
        }

        @Override
        public void run() {
            Disposable watch = cursor.run().watch();
            try {
                if (deliver()) {
                    worker.execute(this);
                }
            } finally {
                watch.dispose();
            }
        }

        /** Emits a share of what is requested; true when more is requested. */
        private boolean deliver() {
            long wanted = requested.get();
            int emitted = 0;
            while (emitted < wanted && emitted < SHARE) {
                if (cancelled) {
                    cursor.close();
                    return false;
                }
                Result.Segment segment;
                try {
                    segment = nextSegment();
                } catch (Throwable e) {
                    Exceptions.throwIfJvmFatal(e);
                    fail(e);
                    return false;
                }
                if (segment == null) {
                    complete();
                    return false;
                }
                subscriber.onNext(segment);
                emitted++;
            }
            return requested.addAndGet(wanted == Long.MAX_VALUE ? 0 : -emitted) > 0;
        }

        private Result.@Nullable Segment nextSegment() {
            SqliteRow row = cursor.next();
            if (row != null || !countIsDue) {
                return row;
            }
            countIsDue = false;
            return new ChangedRows(cursor.changes());
        }

        private void complete() {
            if (!cancelled) {
                subscriber.onComplete();
            }
        }

        private void fail(Throwable error) {
            if (!cancelled) {
                subscriber.onError(error);
            }
        }

        @Override
        public void rejected(RejectedExecutionException reason) {
            fail(SqliteErrors.closed("connection"));
        }
    }
}
