package io.weir.storage.parquet.merging;

/** What becomes of rows of one series and time. */
public enum Duplicates {
    /** Each stays. */
    KEPT,
    /** One row stays, with the last value of each field. */
    LAST_WINS
}
