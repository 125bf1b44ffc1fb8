package io.weir.query.tail;

import java.util.Locale;

/** Why a subscription ended. */
enum CloseReason {
    /** The client went away. */
    CLIENT(1000, "closed by the client"),
    GOING_AWAY(1001, "the server stops"),
    IDLE(1000, "no row for too long"),
    AGE(1000, "open for as long as may be"),
    NOT_PERMITTED(1008, "the token is no longer valid for this database"),
    SLOW(1008, "the reader is too slow"),
    /** Nothing is heard of the client, or it takes nothing: no farewell would reach it. */
    UNRESPONSIVE(1006, "the client does not respond");

    private final int code;
    private final String words;

    CloseReason(int code, String words) {
        this.code = code;
        this.words = words;
    }

    /** Status of the WebSocket's close frame (RFC 6455, section 7.4.1). */
    int code() {
        return code;
    }

    String words() {
        return words;
    }

    /** Value of the metric's tag. */
    String tag() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
