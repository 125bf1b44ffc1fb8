package io.weir.query.delete;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** How deletes are refused. */
public enum DeleteError implements ErrorCode {
    /** It would take so many rows that the caller is to say that it knows. */
    CONFIRMATION_NEEDED("confirmation-needed", ErrorKind.CLIENT, 409, "Confirmation needed"),
    DELETE_NOT_FOUND("delete-not-found", ErrorKind.CLIENT, 404, "Delete not found");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    DeleteError(String id, ErrorKind kind, int status, String title) {
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
