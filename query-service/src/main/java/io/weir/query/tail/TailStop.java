package io.weir.query.tail;

import org.springframework.context.SmartLifecycle;

/** Says goodbye to all readers when the server stops, before it waits for the ends of its answers. */
final class TailStop implements SmartLifecycle {

    private final Tail tail;
    private volatile boolean running;

    TailStop(Tail tail) {
        this.tail = tail;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        tail.stop();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
