package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import java.time.Duration;

/** Waits; a test lets no time pass. */
@FunctionalInterface
interface Pause {

    /** Lets time pass. */
    Pause SLEEP = wait -> Thread.sleep(wait.toMillis());

    void sleep(Duration wait) throws InterruptedException;

    /** Waits, or ends the command when it is interrupted. */
    default void of(Duration wait) {
        try {
            sleep(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandFailure.refused("Interrupted while waiting for Weir", e);
        }
    }
}
