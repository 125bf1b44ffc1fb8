package io.weir.storage.catalog;

/** What became of a file that had rows of a delete when that was committed. */
public enum FileOutcome {
    /** Its deleted rows are hidden from queries, and still in it. */
    PENDING,
    /** It had none of the rows. */
    UNCHANGED,
    /** Another file without the rows is in its place. */
    REWRITTEN,
    /** All its rows were deleted, so it left the catalog. */
    REMOVED,
    /** Something else removed it first: retention, or a drop. */
    GONE;

    /** Its number in the catalog, which never changes. */
    long code() {
        return ordinal();
    }

    static FileOutcome ofCode(long code) {
        return values()[(int) code];
    }
}
