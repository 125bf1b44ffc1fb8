package io.weir.ingest.wal;

/** When an append completes. */
public enum WalAck {
    /** After the sync that {@link SyncMode} promises. */
    SYNCED,
    /** After it was written and published, without waiting for a sync: what {@code no_sync=true} asks for. */
    WRITTEN
}
