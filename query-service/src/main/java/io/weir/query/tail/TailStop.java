package io.weir.query.tail;

import java.time.Duration;
import org.springframework.context.SmartLifecycle;

/** Says goodbye to all readers when the server stops, before it waits for the ends of its answers. */
final class TailStop implements SmartLifecycle {

    private static final Duration FAREWELLS = Duration.ofSeconds(5);

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
        stop(() -> {});
    }

    /** Whoever does not take the farewell in time is left to the server, which closes all connections. */
    @Override
    public void stop(Runnable done) {
        running = false;
        tail.stop()
                .timeout(FAREWELLS)
                .onErrorComplete()
                .doFinally(signal -> done.run())
                .subscribe();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
