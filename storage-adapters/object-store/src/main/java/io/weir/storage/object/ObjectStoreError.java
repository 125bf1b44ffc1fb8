package io.weir.storage.object;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** How an object store fails. */
public enum ObjectStoreError implements ErrorCode {
    OBJECT_EXISTS("object-exists", ErrorKind.INTERNAL, 500, "Object exists already"),
    OBJECT_MISSING("object-missing", ErrorKind.EXTERNAL, 503, "Object is missing"),
    OBJECT_STORE_FAILED("object-store-failed", ErrorKind.EXTERNAL, 503, "Object store failed");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    ObjectStoreError(String id, ErrorKind kind, int status, String title) {
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
