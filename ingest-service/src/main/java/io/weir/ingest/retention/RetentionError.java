package io.weir.ingest.retention;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** How retention refuses and fails. */
public enum RetentionError implements ErrorCode {
    POLICY_NOT_FOUND("retention-policy-not-found", ErrorKind.CLIENT, 404, "Retention policy not found"),
    RETENTION_RUNNING("retention-running", ErrorKind.CLIENT, 409, "Retention is running"),
    RETENTION_FAILED("retention-failed", ErrorKind.INTERNAL, 500, "Retention failed");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    RetentionError(String id, ErrorKind kind, int status, String title) {
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
