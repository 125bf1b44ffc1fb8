package io.weir.query.continuous;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** How continuous queries refuse and fail. */
public enum ContinuousError implements ErrorCode {
    QUERY_NOT_FOUND("continuous-query-not-found", ErrorKind.CLIENT, 404, "Continuous query not found"),
    QUERY_RUNNING("continuous-query-running", ErrorKind.CLIENT, 409, "Continuous query is running"),
    WINDOW_TOO_LARGE("window-too-large", ErrorKind.CLIENT, 422, "Window has too many rows"),
    WINDOW_COLUMN("window-column", ErrorKind.CLIENT, 422, "Column cannot be written");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    ContinuousError(String id, ErrorKind kind, int status, String title) {
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
