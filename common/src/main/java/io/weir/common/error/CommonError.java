package io.weir.common.error;

/** The failures any part of Weir can have. */
public enum CommonError implements ErrorCode {
    INVALID_NAME("invalid-name", ErrorKind.CLIENT, 400, "Invalid name"),
    INVALID_REQUEST("invalid-request", ErrorKind.CLIENT, 400, "Invalid request"),
    INVALID_COMPRESSION("invalid-compression", ErrorKind.CLIENT, 400, "Invalid compressed body"),
    UNSUPPORTED_ENCODING("unsupported-encoding", ErrorKind.CLIENT, 415, "Unsupported content encoding"),
    BODY_TOO_LARGE("body-too-large", ErrorKind.CLIENT, 413, "Body too large"),
    UNAUTHENTICATED("unauthenticated", ErrorKind.CLIENT, 401, "Authentication required"),
    FORBIDDEN("forbidden", ErrorKind.CLIENT, 403, "Not permitted"),
    NOT_FOUND("not-found", ErrorKind.CLIENT, 404, "Not found"),
    METHOD_NOT_ALLOWED("method-not-allowed", ErrorKind.CLIENT, 405, "Method not allowed"),
    DATABASE_NOT_FOUND("database-not-found", ErrorKind.CLIENT, 404, "Database not found"),
    MEASUREMENT_NOT_FOUND("measurement-not-found", ErrorKind.CLIENT, 404, "Measurement not found"),
    ORGANISATION_NOT_FOUND("organisation-not-found", ErrorKind.CLIENT, 404, "Organisation not found"),
    TOKEN_NOT_FOUND("token-not-found", ErrorKind.CLIENT, 404, "Token not found"),
    CONFLICT("conflict", ErrorKind.CLIENT, 409, "Conflict"),
    RATE_LIMITED("rate-limited", ErrorKind.CAPACITY, 429, "Too many requests"),
    QUOTA_EXCEEDED("quota-exceeded", ErrorKind.CAPACITY, 429, "Quota of the organisation exceeded"),
    OVERLOADED("overloaded", ErrorKind.CAPACITY, 503, "Overloaded"),
    SHUTTING_DOWN("shutting-down", ErrorKind.CAPACITY, 503, "Shutting down"),
    STORAGE_UNAVAILABLE("storage-unavailable", ErrorKind.EXTERNAL, 503, "Storage unavailable"),
    CONFIGURATION("configuration", ErrorKind.INTERNAL, 500, "Wrong configuration"),
    INTERNAL("internal", ErrorKind.INTERNAL, 500, "Internal error");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    CommonError(String id, ErrorKind kind, int status, String title) {
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
