package io.weir.ingest.wal;

/** What an acknowledged append has survived. Per append, {@link WalAck#WRITTEN} gives up what this promises. */
public enum SyncMode {
    /** Data and all metadata of the segment are on the device before the append completes. */
    FSYNC,
    /**
     * Data, and the metadata needed to read it, are on the device before the append completes. Segments have their
     * final size from the start, so this promises as much as {@link #FSYNC} and is cheaper on some file systems.
     */
    FDATASYNC,
    /**
     * The append completes when the operating system has the data; the device has it within
     * {@link WalSettings#syncInterval}. A crash of the process loses nothing, a crash of the machine that interval.
     */
    ASYNC
}
