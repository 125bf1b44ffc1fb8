package io.weir.r2dbc.sqlite;

/** How SQLite keeps a transaction that may have to be undone: the values of {@code PRAGMA journal_mode} worth using. */
public enum JournalMode {
    /** Write-ahead log: readers do not wait for the writer, nor the writer for them. */
    WAL,
    /** Rollback journal, removed at commit. */
    DELETE,
    /** Rollback journal, truncated at commit. */
    TRUNCATE,
    /** Rollback journal, its header overwritten at commit. */
    PERSIST,
    /** Rollback journal in memory: a crash in a transaction may corrupt the file. */
    MEMORY
}
