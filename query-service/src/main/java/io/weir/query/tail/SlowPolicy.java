package io.weir.query.tail;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;

/** What becomes of a reader that takes its rows too slowly. */
enum SlowPolicy {
    /** The oldest rows are left out, and it is told how many. */
    CONFLATE,
    /** Its subscription ends. */
    CLOSE;

    /** The policy that a request names. @throws WeirException {@code invalid-request} */
    static SlowPolicy of(String name) {
        return switch (name) {
            case "conflate" -> CONFLATE;
            case "close" -> CLOSE;
            default ->
                throw new WeirException(
                        CommonError.INVALID_REQUEST,
                        "on_slow is not known (expected: on_slow=conflate or on_slow=close)");
        };
    }
}
