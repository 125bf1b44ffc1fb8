package io.weir.storage.redis;

import io.weir.common.signal.Signal;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.FluxSink;

/**
 * What one listener has not taken yet, up to a number of bytes. When it is full, or when something was missed on the way, the
 * listener gets what is in it, then a gap, and only then what comes later. Thread-safe; never blocks.
 */
final class SignalQueue {

    private static final int MESSAGE_OVERHEAD_BYTES = 64;

    private final FluxSink<Signal> listener;
    private final long mostBytes;
    private final LongAdder dropped;
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private final AtomicInteger work = new AtomicInteger();
    private long bytes;
    private boolean gap;

    SignalQueue(FluxSink<Signal> listener, long mostBytes, LongAdder dropped) {
        this.listener = listener;
        this.mostBytes = mostBytes;
        this.dropped = dropped;
    }

    /** Begins to hand over what the listener asks for. */
    void start() {
        listener.onRequest(more -> drain());
    }

    /** Something may be missing from here on. */
    void missed() {
        synchronized (waiting) {
            gap = true;
        }
        drain();
    }

    void add(byte[] message) {
        synchronized (waiting) {
            long size = (long) message.length + MESSAGE_OVERHEAD_BYTES;
            if (gap || bytes + size > mostBytes) {
                gap = true;
                dropped.increment();
            } else {
                bytes += size;
                waiting.add(message);
            }
        }
        drain();
    }

    private void drain() {
        if (work.getAndIncrement() != 0) {
            return;
        }
        int done = 1;
        do {
            while (listener.requestedFromDownstream() > 0) {
                Signal next = next();
                if (next == null) {
                    break;
                }
                listener.next(next);
            }
            done = work.addAndGet(-done);
        } while (done != 0);
    }

    private @Nullable Signal next() {
        synchronized (waiting) {
            byte[] message = waiting.poll();
            if (message != null) {
                bytes -= (long) message.length + MESSAGE_OVERHEAD_BYTES;
                return new Signal.Message(message);
            }
            if (gap) {
                gap = false;
                return Signal.Gap.INSTANCE;
            }
            return null;
        }
    }

    /** Bytes that wait. */
    long bytes() {
        synchronized (waiting) {
            return bytes;
        }
    }
}
