package io.weir.common.supervise;

import java.time.Duration;
import reactor.core.publisher.Mono;

/**
 * Work that a process does again and again by itself. A {@link Supervisor} runs it: one turn at a time, and whatever a turn
 * throws is logged, counted and followed by another turn. A loop that only one process may run at a time takes a lease in
 * its turn, and says {@link Turn#SKIPPED} when it is held by another.
 */
public interface BackgroundLoop {

    /** Short name, a constant: in logs, metrics and health. */
    String name();

    /** Time between turns when all is well, more than 0. A little less by chance, so that processes do not march in step. */
    Duration interval();

    /** Whether it runs at all. */
    default boolean enabled() {
        return true;
    }

    /** Time from the start to the first turn. */
    default Duration firstPause() {
        Duration most = Duration.ofMinutes(1);
        return interval().compareTo(most) < 0 ? interval() : most;
    }

    /** Longest time from a turn that failed to the next one, default a minute. */
    default Duration longestPause() {
        return Backoff.MOST;
    }

    /** Longest a turn may take; then it is cancelled and has failed. */
    default Duration longestTurn() {
        return Duration.ofHours(1);
    }

    /** What must succeed before the process starts; its failure stops the start. */
    default Mono<Void> prepare() {
        return Mono.empty();
    }

    /** Does what is due. Never blocks the caller; may be cancelled at any moment, and then goes on with its next turn. */
    Mono<Turn> turn();

    /** Called at the stop once the loop is cancelled: waits, for a bounded time, until nothing of it runs any more. */
    default void awaitQuiet() {}
}
