package io.weir.query.tail;

import io.netty.buffer.ByteBuf;
import io.weir.common.auth.Credentials;
import io.weir.common.auth.Principal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;

/**
 * One subscription: a bounded queue of frames between the workers that encode and the connection that takes them one by one.
 * When it is full the oldest go, and the reader is told how many rows these had, or it is closed, as it wished. Thread-safe.
 */
final class TailReader {

    private final Subscription subscription;
    private final Principal principal;
    private final Credentials credentials;
    private final long maxBytes;
    private final LongSupplier nanoTime;
    private final TailCounters counters;
    private final BiConsumer<TailReader, CloseReason> ended;
    private final Sinks.Empty<Void> closed = Sinks.empty();
    private final Sinks.Empty<Void> gone = Sinks.empty();
    private final Deque<TailFrame> frames = new ArrayDeque<>();
    private final long openedNanos;
    private long bytes;
    private long missed;
    private long rowsSoFar;
    private boolean greeted;
    private boolean ping;
    private boolean answersPings;
    private @Nullable TailFrame sending;
    private @Nullable MonoSink<TailMessage> waiting;
    private @Nullable CloseReason reason;
    private volatile Runnable makesRoom = () -> {};
    private volatile Runnable breaksOff = () -> {};
    private long rowsNanos;
    private long pingNanos;
    private long heardNanos;
    private long writeNanos;
    private boolean writing;

    /**
     * A reader that has not begun.
     *
     * @param credentials what the client showed, to be looked at again now and then
     * @param maxBytes of frames that wait or are being sent
     * @param ended told once, when it is closed
     */
    TailReader(
            Subscription subscription,
            Principal principal,
            Credentials credentials,
            long maxBytes,
            LongSupplier nanoTime,
            TailCounters counters,
            BiConsumer<TailReader, CloseReason> ended) {
        this.subscription = subscription;
        this.principal = principal;
        this.credentials = credentials;
        this.maxBytes = maxBytes;
        this.nanoTime = nanoTime;
        this.counters = counters;
        this.ended = ended;
        this.openedNanos = nanoTime.getAsLong();
        this.rowsNanos = openedNanos;
        this.pingNanos = openedNanos;
        this.heardNanos = openedNanos;
    }

    Subscription subscription() {
        return subscription;
    }

    Principal principal() {
        return principal;
    }

    Credentials credentials() {
        return credentials;
    }

    /** What to run when a full reader has room again. */
    void onRoom(Runnable action) {
        makesRoom = action;
    }

    /** How the connection is broken off; to be called before the first message is asked for. */
    void onBreakOff(Runnable action) {
        breaksOff = action;
    }

    /** From now on silence after a ping means that nobody is there. */
    synchronized void answersPings() {
        answersPings = true;
    }

    /** Gives it a frame, which it retains. */
    void offer(TailFrame frame) {
        boolean tooSlow;
        synchronized (this) {
            if (reason != null) {
                return;
            }
            while (!frames.isEmpty() && bytes + frame.size() > maxBytes) {
                TailFrame oldest = frames.remove();
                bytes -= oldest.size();
                missed += oldest.rows();
                oldest.release();
            }
            frames.add(frame.retain());
            bytes += frame.size();
            tooSlow = missed > 0 && subscription.onSlow() == SlowPolicy.CLOSE;
        }
        settle(tooSlow);
    }

    /** Rows behind all that it was given were left out on the way to it. It is told before it gets what waits. */
    void missed(long rows) {
        boolean tooSlow;
        synchronized (this) {
            if (reason != null || rows == 0) {
                return;
            }
            missed += rows;
            tooSlow = subscription.onSlow() == SlowPolicy.CLOSE;
        }
        settle(tooSlow);
    }

    private void settle(boolean tooSlow) {
        if (tooSlow) {
            close(CloseReason.SLOW);
        } else {
            emit();
        }
    }

    /** Whether another frame would push out one that waits. */
    synchronized boolean isFull(long frameBytes) {
        return reason == null && bytes > 0 && bytes + frameBytes > maxBytes;
    }

    /**
     * The next message, as soon as there is one; empty once it is closed. Asking for it says that the one before has been
     * taken by the connection. One at a time.
     */
    Mono<TailMessage> next() {
        return Mono.create(sink -> {
            sent();
            synchronized (this) {
                waiting = sink;
            }
            emit();
        });
    }

    private void sent() {
        TailFrame done;
        synchronized (this) {
            writing = false;
            done = sending;
            sending = null;
            bytes -= done == null ? 0 : done.size();
        }
        if (done != null) {
            done.release();
            makesRoom.run();
        }
    }

    private void emit() {
        MonoSink<TailMessage> asked;
        TailMessage message;
        synchronized (this) {
            asked = waiting;
            message = asked == null ? null : take();
            if (asked == null || (message == null && reason == null)) {
                return;
            }
            waiting = null;
            writing = message != null;
            writeNanos = nanoTime.getAsLong();
        }
        asked.success(message);
    }

    private @Nullable TailMessage take() {
        if (reason != null) {
            return null;
        }
        if (!greeted) {
            greeted = true;
            return new TailMessage.Subscribed();
        }
        if (ping) {
            ping = false;
            return new TailMessage.Ping();
        }
        if (missed > 0) {
            long rows = missed;
            missed = 0;
            rowsSoFar += rows;
            counters.missed().add(rows);
            return new TailMessage.Missed(rows, rowsSoFar);
        }
        TailFrame frame = frames.poll();
        if (frame == null) {
            return null;
        }
        sending = frame;
        rowsSoFar += frame.rows();
        counters.sent().add(frame.rows());
        rowsNanos = nanoTime.getAsLong();
        return new TailMessage.Rows(frame, rowsSoFar);
    }

    /** The client sent something. */
    synchronized void heard() {
        heardNanos = nanoTime.getAsLong();
    }

    /** Does what time asks for: pings, or ends it. */
    void look(TailSettings settings) {
        CloseReason due;
        synchronized (this) {
            long now = nanoTime.getAsLong();
            due = due(settings, now);
            if (due == null
                    && !isPinged()
                    && now - pingNanos >= settings.pingInterval().toNanos()) {
                pingNanos = now;
                ping = true;
            }
        }
        if (due != null) {
            close(due);
        } else {
            emit();
        }
    }

    private @Nullable CloseReason due(TailSettings settings, long now) {
        boolean unanswered =
                isPinged() && now - pingNanos >= settings.pingTimeout().toNanos();
        boolean stalled = writing && now - writeNanos >= settings.stallTimeout().toNanos();
        if (unanswered || stalled) {
            return CloseReason.UNRESPONSIVE;
        }
        if (now - openedNanos >= settings.maxAge().toNanos()) {
            return CloseReason.AGE;
        }
        long idle = settings.idleTimeout().toNanos();
        return idle > 0 && now - rowsNanos >= idle ? CloseReason.IDLE : null;
    }

    /** Whether an answer to a ping is awaited. */
    private boolean isPinged() {
        return answersPings && heardNanos - pingNanos < 0;
    }

    /** A buffer over a frame that is being sent; null when the reader was closed meanwhile. */
    synchronized @Nullable ByteBuf bytes(TailFrame frame) {
        return sending == frame ? frame.share() : null;
    }

    /** Ends it; all that waits is let go. The first reason counts. */
    void close(CloseReason why) {
        synchronized (this) {
            if (reason != null) {
                return;
            }
            reason = why;
            frames.forEach(TailFrame::release);
            frames.clear();
            if (sending != null) {
                sending.release();
                sending = null;
            }
            bytes = 0;
            missed = 0;
        }
        ended.accept(this, why);
        emit();
        closed.tryEmitEmpty();
        if (why == CloseReason.UNRESPONSIVE) {
            breakOff();
        }
    }

    /** The connection has ended, with whatever was to be said at its end. */
    void leave() {
        close(CloseReason.CLIENT);
        gone.tryEmitEmpty();
    }

    /** Completes when the connection has ended. */
    Mono<Void> gone() {
        return gone.asMono();
    }

    /** Breaks the connection off, when nothing can be said any more. */
    void breakOff() {
        breaksOff.run();
    }

    /** Completes when it is closed. */
    Mono<Void> closed() {
        return closed.asMono();
    }

    /** Why it is closed; null while it is not. */
    synchronized @Nullable CloseReason reason() {
        return reason;
    }
}
