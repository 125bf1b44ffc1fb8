package io.weir.query;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** The ways a query can fail before and beside the engine. */
public enum QueryError implements ErrorCode {
    SQL_SYNTAX("sql-syntax", ErrorKind.CLIENT, 400, "SQL does not parse"),
    SQL_NOT_ALLOWED("sql-not-allowed", ErrorKind.CLIENT, 400, "SQL not allowed"),
    INVALID_PARAMETER("invalid-parameter", ErrorKind.CLIENT, 400, "Invalid query parameter"),
    INVALID_CONDITION("invalid-condition", ErrorKind.CLIENT, 400, "Invalid condition"),
    AMBIGUOUS_MEASUREMENT("ambiguous-measurement", ErrorKind.CLIENT, 400, "Ambiguous measurement"),
    RESULT_TYPE("result-type", ErrorKind.CLIENT, 400, "Result type has no form in this format"),
    UNSUPPORTED_FORMAT("unsupported-format", ErrorKind.CLIENT, 400, "Unsupported result format"),
    ROW_LIMIT("row-limit", ErrorKind.CLIENT, 422, "Result has too many rows"),
    BYTE_LIMIT("byte-limit", ErrorKind.CLIENT, 422, "Result has too many bytes"),
    /** An ingest replica did not give its hot rows; without them a result would be short. */
    HOT_ROWS_UNAVAILABLE("hot-rows-unavailable", ErrorKind.EXTERNAL, 503, "Hot rows unavailable"),
    QUERY_CANCELLED("query-cancelled", ErrorKind.CLIENT, 409, "Query was cancelled"),
    QUERY_NOT_FOUND("query-not-found", ErrorKind.CLIENT, 404, "Query not found"),
    CURSOR_GONE("cursor-gone", ErrorKind.CLIENT, 410, "Cursor unknown or expired"),
    CURSOR_FOREIGN("cursor-foreign", ErrorKind.CLIENT, 403, "Cursor of somebody else"),
    CURSOR_LIMIT("cursor-limit", ErrorKind.CLIENT, 422, "Result too large to be read page by page"),
    SUBSCRIPTIONS_FULL("subscriptions-full", ErrorKind.CAPACITY, 503, "Too many subscriptions"),
    /** Nothing brings acknowledged rows to this process. */
    NO_ROW_FEED("no-row-feed", ErrorKind.EXTERNAL, 503, "No rows to subscribe to");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    QueryError(String id, ErrorKind kind, int status, String title) {
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
