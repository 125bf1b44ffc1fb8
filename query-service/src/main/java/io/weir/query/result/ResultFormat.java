package io.weir.query.result;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import io.weir.storage.duckdb.ResultReader;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.http.MediaType;

/** The forms a result can be sent in. */
public enum ResultFormat {
    /** One document with columns, types and an array of rows. */
    JSON("json"),
    /** One object a row, one row a line. */
    NDJSON("ndjson");

    private final String id;

    ResultFormat(String id) {
        this.id = id;
    }

    /** The word for it in a request. */
    public String id() {
        return id;
    }

    /** What the response declares. */
    public MediaType mediaType() {
        return switch (this) {
            case JSON -> MediaType.APPLICATION_JSON;
            case NDJSON -> MediaType.APPLICATION_NDJSON;
        };
    }

    /** The format with that id. @throws WeirException {@code unsupported-format} */
    public static ResultFormat of(String id) {
        String wanted = id.toLowerCase(Locale.ROOT);
        for (ResultFormat format : values()) {
            if (format.id.equals(wanted)) {
                return format;
            }
        }
        throw new WeirException(
                QueryError.UNSUPPORTED_FORMAT,
                "format \"" + id + "\" is not supported (expected: json or ndjson)",
                Map.of("supported", List.of("json", "ndjson")));
    }

    /** The format the client accepts first, JSON when it accepts none of them by name. */
    public static ResultFormat accepted(List<MediaType> accepted) {
        for (MediaType type : accepted) {
            for (ResultFormat format : values()) {
                if (!type.isWildcardType() && !type.isWildcardSubtype() && type.includes(format.mediaType())) {
                    return format;
                }
            }
        }
        return JSON;
    }

    /**
     * An encoder of one result into chunks of about 32 KiB of UTF-8.
     *
     * @param startNanos {@link System#nanoTime} when the query began
     */
    public ResultReader<byte[]> encoder(RowLimit limit, long startNanos) {
        return switch (this) {
            case JSON -> new JsonEncoder(limit, startNanos);
            case NDJSON -> new NdjsonEncoder(limit);
        };
    }
}
