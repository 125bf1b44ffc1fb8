package io.weir.ingest.fault;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Callable;
import reactor.core.publisher.Mono;

/**
 * What goes wrong, by chance from a seed or on order. One object is shared by all fakes of a run; {@link #kill} makes them
 * behave as if the process were dead: nothing has an effect any more. Thread-safe.
 */
public final class Faults {

    /** One way in which a call fails. */
    public enum Fault {
        NONE,
        /** An error, and no effect. */
        BEFORE,
        /** The effect, and an error. */
        AFTER,
        /** An error after part of the work; a store that publishes atomically shows nothing of it. */
        SHORT,
        /** Success, later. */
        SLOW,
        /** No answer, ever, and no effect. */
        HANG
    }

    private final Random random;
    private double chance;
    private boolean outage;
    private boolean dead;

    public Faults(long seed) {
        random = new Random(seed);
    }

    /** From now on a call fails with that chance. */
    public synchronized void chance(double share) {
        chance = share;
    }

    /** While on, every call fails without effect: the disk is full, the server is away. */
    public synchronized void outage(boolean on) {
        outage = on;
    }

    /** From now on nothing has an effect. */
    public synchronized void kill() {
        dead = true;
    }

    private synchronized Fault next() {
        if (dead || outage) {
            return Fault.BEFORE;
        }
        Fault[] all = Fault.values();
        return random.nextDouble() < chance ? all[1 + random.nextInt(all.length - 1)] : Fault.NONE;
    }

    /** Runs work that has an effect under the next fault; {@code failure} is the sentence of the error. */
    <T> Mono<T> around(Callable<T> work, java.util.function.Function<String, Throwable> failure) {
        return Mono.defer(() -> {
            Fault fault = next();
            return switch (fault) {
                case NONE -> Mono.fromCallable(() -> alive(work));
                case SLOW -> Mono.delay(Duration.ofMillis(2)).then(Mono.fromCallable(() -> alive(work)));
                case AFTER ->
                    Mono.fromCallable(() -> alive(work))
                            .then(Mono.error(() -> failure.apply("injected: it happened, then the answer was lost")));
                case HANG -> Mono.never();
                default -> Mono.error(() -> failure.apply("injected: " + fault));
            };
        });
    }

    /** A dead process has no effect, also when it got past {@link #next} in time. */
    private synchronized <T> T alive(Callable<T> work) throws Exception {
        if (dead) {
            throw new IllegalStateException("the process is dead");
        }
        return work.call();
    }
}
