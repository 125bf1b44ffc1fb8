package io.weir.ingest.wal;

import java.util.UUID;

/** Takes what earlier runs left in the log. Called on the thread that opens the log. */
@FunctionalInterface
public interface WalReplayHandler {

    /** Called once before any append, with the identity of the log that the sequence numbers belong to. */
    default void begin(UUID walId) {}

    /**
     * Takes one append, in ascending sequence order; may block to keep memory bounded, for the next one is read only
     * after it returns. Appends that are committed already come again: the handler knows by their sequence numbers and
     * releases them.
     *
     * <p>A {@link io.weir.common.error.WeirException} of kind CLIENT says that this append can never be taken: it is
     * quarantined, reported, and replay goes on. Any other exception ends the start and leaves the log as it is. Either
     * way the handler must have kept nothing of that append.
     *
     * @param append what was appended
     * @param hold the handler's from here on: released once for each batch
     */
    void replay(WalAppend append, WalHold hold);
}
