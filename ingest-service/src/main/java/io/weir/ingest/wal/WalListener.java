package io.weir.ingest.wal;

/** Publishes appends: called by the log before it completes them. */
@FunctionalInterface
public interface WalListener {

    /**
     * Takes an append that is as durable as it asked to be. Called on the log's own thread, once for each append, in
     * ascending sequence order; it must be quick and must not block. A listener that throws has its exception logged
     * and the append answered with {@code internal}, though the append stays in the log and is replayed.
     *
     * @param append what was appended
     * @param hold the listener's from here on: released once for each batch
     */
    void durable(WalAppend append, WalHold hold);
}
