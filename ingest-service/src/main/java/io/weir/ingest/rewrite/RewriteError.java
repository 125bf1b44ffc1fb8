package io.weir.ingest.rewrite;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** How rewriting fails. */
public enum RewriteError implements ErrorCode {
    REWRITE_FAILED("rewrite-failed", ErrorKind.INTERNAL, 500, "Files with deleted rows could not be rewritten");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    RewriteError(String id, ErrorKind kind, int status, String title) {
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
