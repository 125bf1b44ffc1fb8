package io.weir.ingest;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** The failures only a write can have. */
public enum IngestError implements ErrorCode {
    PARTIAL_WRITE("partial-write", ErrorKind.CLIENT, 400, "Some lines were rejected"),
    INVALID_LINE_PROTOCOL("invalid-line-protocol", ErrorKind.CLIENT, 400, "Invalid line protocol"),
    INVALID_NDJSON("invalid-ndjson", ErrorKind.CLIENT, 400, "Invalid NDJSON"),
    INVALID_MESSAGEPACK("invalid-messagepack", ErrorKind.CLIENT, 400, "Invalid MessagePack body"),
    INVALID_ARROW("invalid-arrow", ErrorKind.CLIENT, 400, "Invalid Arrow stream"),
    IDEMPOTENCY_KEY_REUSED("idempotency-key-reused", ErrorKind.CLIENT, 422, "Idempotency key of another request"),
    IDEMPOTENCY_KEY_IN_PROGRESS("idempotency-key-in-progress", ErrorKind.CAPACITY, 503, "Idempotency key in progress"),
    INSUFFICIENT_STORAGE("insufficient-storage", ErrorKind.CAPACITY, 507, "Insufficient storage");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    IngestError(String id, ErrorKind kind, int status, String title) {
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
