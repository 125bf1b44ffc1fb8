package io.weir.r2dbc.sqlite;

/** When SQLite waits for the disk: the values of {@code PRAGMA synchronous}. */
public enum SynchronousMode {
    /** Never waits: a power failure may corrupt the file. */
    OFF,
    /** In WAL mode a power failure may lose the last commits, and never corrupts the file. */
    NORMAL,
    /** Every commit is on disk before it is answered. */
    FULL,
    /** As {@link #FULL}, and the directory of a removed rollback journal is synchronised as well. */
    EXTRA
}
