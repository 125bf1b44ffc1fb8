package io.weir.query.tail;

/** What a reader is sent next. */
sealed interface TailMessage {

    /** The subscription has begun: rows that are written from now on come. Always the first one. */
    record Subscribed() implements TailMessage {}

    /**
     * Rows.
     *
     * @param frame held by the reader until the next message is asked for
     * @param rowsSoFar rows sent to this reader and left out for it, these included
     */
    record Rows(TailFrame frame, long rowsSoFar) implements TailMessage {}

    /**
     * Rows about here were left out.
     *
     * @param rows how many at most: with a condition, those that it was not tried on count too
     * @param rowsSoFar as above
     */
    record Missed(long rows, long rowsSoFar) implements TailMessage {}

    /** Something that the client, or what lies between, should answer or see. */
    record Ping() implements TailMessage {}
}
