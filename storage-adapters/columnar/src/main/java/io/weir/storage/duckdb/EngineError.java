package io.weir.storage.duckdb;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** The ways a statement can fail in the engine. */
public enum EngineError implements ErrorCode {
    SQL_SYNTAX("sql-syntax", ErrorKind.CLIENT, 400, "SQL does not parse"),
    SQL_INVALID("sql-invalid", ErrorKind.CLIENT, 400, "SQL does not fit the data"),
    UNKNOWN_COLUMN("unknown-column", ErrorKind.CLIENT, 400, "Unknown column"),
    SQL_DENIED("sql-not-allowed", ErrorKind.CLIENT, 400, "SQL not allowed"),
    QUERY_VALUE("query-value", ErrorKind.CLIENT, 400, "A value does not fit the query"),
    QUERY_MEMORY("query-memory-limit", ErrorKind.CLIENT, 422, "Query needs too much memory"),
    QUERY_TIMEOUT("query-timeout", ErrorKind.CAPACITY, 504, "Query timed out"),
    READER_TIMEOUT("reader-timeout", ErrorKind.CLIENT, 408, "Reader stalled"),
    QUERY_FAILED("query-failed", ErrorKind.INTERNAL, 500, "Query failed");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    EngineError(String id, ErrorKind kind, int status, String title) {
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
