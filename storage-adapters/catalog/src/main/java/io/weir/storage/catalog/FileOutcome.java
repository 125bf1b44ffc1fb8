package io.weir.storage.catalog;

/** What became of a file that had rows of a delete when that was committed. The numbers are stored ({@code delete_files.state}). */
public enum FileOutcome {
    /** Its deleted rows are hidden from queries, and still in it. */
    PENDING(0),
    /** It had none of the rows. */
    UNCHANGED(1),
    /** Another file without the rows is in its place. */
    REWRITTEN(2),
    /** All its rows were deleted, so it left the catalog. */
    REMOVED(3),
    /** Something else removed it first: retention, or a drop. */
    GONE(4);

    private final int code;

    FileOutcome(int code) {
        this.code = code;
    }

    /** What is stored of it. */
    int code() {
        return code;
    }

    static FileOutcome ofCode(long code) {
        for (FileOutcome outcome : values()) {
            if (outcome.code == code) {
                return outcome;
            }
        }
        throw new IllegalStateException("there is no outcome of a file with number " + code);
    }
}
