package io.weir.storage.parquet.merging;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** How a merge fails besides by what any writing of a file fails of. */
public enum MergeError implements ErrorCode {
    /** An input is not what a data file is; its place among the inputs is in the context, under {@code input}. */
    INPUT_DAMAGED("data-file-damaged", 500, "Data file damaged"),
    /** Even two inputs need more memory than there is. */
    MEMORY_TOO_SMALL("merge-memory-too-small", 503, "Not enough memory to merge");

    private final String id;
    private final int status;
    private final String title;

    MergeError(String id, int status, String title) {
        this.id = id;
        this.status = status;
        this.title = title;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public ErrorKind kind() {
        return ErrorKind.INTERNAL;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String title() {
        return title;
    }
}
