package io.weir.ingest.compaction;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** How compaction refuses and fails. */
public enum CompactionError implements ErrorCode {
    COMPACTION_RUNNING("compaction-running", ErrorKind.CLIENT, 409, "Compaction is running"),
    COMPACTION_FAILED("compaction-failed", ErrorKind.INTERNAL, 500, "Compaction failed");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    CompactionError(String id, ErrorKind kind, int status, String title) {
        this.id = id;
        this.kind = kind;
        this.status = status;
        this.title = title;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public ErrorKind kind() {
        return kind;
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
