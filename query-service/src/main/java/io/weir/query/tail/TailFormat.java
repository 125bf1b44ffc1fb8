package io.weir.query.tail;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.Locale;

/** How rows are sent. */
enum TailFormat {
    /** A JSON object a frame, with an object a row in it. */
    JSON,
    /** An Arrow IPC stream a frame; what else there is to say comes as JSON. */
    ARROW;

    /** Name of the WebSocket subprotocol. */
    String protocol() {
        return "weir." + name().toLowerCase(Locale.ROOT);
    }

    /** The format that a request names. @throws WeirException {@code invalid-request} */
    static TailFormat of(String name) {
        return switch (name) {
            case "json" -> JSON;
            case "arrow" -> ARROW;
            default ->
                throw new WeirException(
                        CommonError.INVALID_REQUEST, "format is not known (expected: format=json or format=arrow)");
        };
    }
}
