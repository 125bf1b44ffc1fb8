package io.weir.storage.duckdb;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;

/**
 * Admission of heavy queries: few run at once, because more would not be faster together and would keep light ones from
 * the processors. The others wait without a session, first come first served, with a deadline. Thread-safe; nothing is
 * told while the lock is held.
 */
final class HeavyLane {

    private final int width;
    private final int maxPending;
    private final Duration longestWait;
    private final Scheduler timer;
    private final Queue<Waiter> waiting = new ArrayDeque<>(); // maxPending at most
    private final LongAdder refused = new LongAdder();
    private int inside;
    private boolean shut;

    /**
     * An empty lane.
     *
     * @param width queries in it at once
     * @param maxPending queries that may wait for it; one more is refused at once
     */
    HeavyLane(int width, int maxPending, Duration longestWait, Scheduler timer) {
        this.width = width;
        this.maxPending = maxPending;
        this.longestWait = longestWait;
        this.timer = timer;
    }

    /** While shut, no query enters; those inside go on, those that wait do too. */
    synchronized void shut(boolean nowShut) {
        shut = nowShut;
    }

    private synchronized boolean isShut() {
        return shut;
    }

    /** A place, if one is free and nobody waits for it. */
    synchronized @Nullable Place tryEnter() {
        if (shut || inside >= width || !waiting.isEmpty()) {
            return null;
        }
        return take();
    }

    /** A place for a query that turned out to be heavy while it ran: there is always one, and others wait the longer. */
    synchronized Place join() {
        return take();
    }

    private synchronized Place take() {
        inside++;
        return new Place();
    }

    /** A place, as soon as one is free. Fails with {@code overloaded}. Cancelled, it gives back what it got. */
    Mono<Place> enter() {
        return Mono.create(this::enter);
    }

    private void enter(MonoSink<Place> sink) {
        Waiter waiter = new Waiter(sink);
        sink.onCancel(waiter::cancelled);
        Place place;
        boolean waits = false;
        synchronized (this) {
            place = tryEnter();
            if (place == null && !shut && waiting.size() < maxPending) {
                waits = waiting.add(waiter);
            }
        }
        if (place != null) {
            waiter.give(place);
        } else if (waits) {
            waiter.alarm(timer.schedule(waiter::late, longestWait.toMillis(), TimeUnit.MILLISECONDS));
        } else {
            refused.increment();
            sink.error(overloaded(
                    isShut()
                            ? "memory is short; heavy queries are refused until it is not"
                            : "too many heavy queries are waiting"));
        }
    }

    private WeirException overloaded(String detail) {
        return new WeirException(CommonError.OVERLOADED, detail, Map.of("max_heavy", width, "max_pending", maxPending));
    }

    private void leave() {
        boolean given = false;
        while (!given) {
            Waiter next = next();
            if (next == null) {
                return;
            }
            given = next.give(new Place());
        }
    }

    /** Who gets a place that was left; null when nobody does and there is one less in the lane. */
    private synchronized @Nullable Waiter next() {
        Waiter next = inside > width ? null : waiting.poll();
        if (next == null) {
            inside--;
        }
        return next;
    }

    /** Queries in the lane. */
    synchronized int inside() {
        return inside;
    }

    /** Queries that wait for it. */
    synchronized int pending() {
        return waiting.size();
    }

    /** Queries that did not get in. */
    long refused() {
        return refused.sum();
    }

    private synchronized boolean forget(Waiter waiter) {
        return waiting.remove(waiter);
    }

    /** The right to run one heavy query; given back once, however often it is said. */
    final class Place {

        private final AtomicBoolean left = new AtomicBoolean();

        void leave() {
            if (left.compareAndSet(false, true)) {
                HeavyLane.this.leave();
            }
        }
    }

    /** One query that wants a place. */
    private final class Waiter {

        private final MonoSink<Place> sink;
        private final AtomicReference<@Nullable Place> given = new AtomicReference<>();
        private final AtomicBoolean ended = new AtomicBoolean();
        private volatile @Nullable Disposable alarm;

        Waiter(MonoSink<Place> sink) {
            this.sink = sink;
        }

        /** Hands over a place; false when it is not wanted any more. */
        boolean give(Place place) {
            given.set(place); // before it is said, so that a cancel which comes too late finds it
            if (!ended.compareAndSet(false, true)) {
                return false;
            }
            disarm();
            sink.success(place);
            return true;
        }

        void alarm(Disposable armed) {
            alarm = armed;
            if (ended.get()) {
                armed.dispose();
            }
        }

        private void disarm() {
            Disposable armed = alarm;
            if (armed != null) {
                armed.dispose();
            }
        }

        private void late() {
            if (ended.compareAndSet(false, true)) {
                forget(this);
                refused.increment();
                sink.error(
                        overloaded("no place for a heavy query became free within " + longestWait.toMillis() + " ms"));
            }
        }

        /** The subscriber has gone, perhaps while it was given a place that it never saw. */
        private void cancelled() {
            if (ended.compareAndSet(false, true)) {
                forget(this);
                disarm();
                return;
            }
            Place place = given.get();
            if (place != null) {
                place.leave();
            }
        }
    }
}
