package io.weir.standalone.cli.client;

/**
 * Follows line protocol byte by byte, only far enough to know where a line really ends: a line feed inside a quoted
 * string field does not end one. For one thread.
 */
final class LineScanner {

    private enum Place {
        START,
        COMMENT,
        SERIES,
        FIELDS,
        STRING,
        TIME
    }

    private Place place = Place.START;
    private boolean escaped;
    private byte previous;

    /** Takes the next byte and returns whether it ends a line. */
    boolean endsLine(byte b) {
        boolean wasEscaped = escaped;
        escaped = b == '\\' && !wasEscaped && place != Place.COMMENT && place != Place.TIME;
        byte before = previous;
        previous = b;
        if (b == '\n' && place != Place.STRING) {
            return true;
        }
        if (!wasEscaped) {
            place = after(b, before);
        }
        return false;
    }

    /** Whether the line scanned so far holds a point, that is: not blank and not a comment. */
    boolean holdsPoint() {
        return place != Place.START && place != Place.COMMENT;
    }

    /** Starts a fresh line. */
    void reset() {
        place = Place.START;
        escaped = false;
        previous = 0;
    }

    private Place after(byte b, byte before) {
        return switch (place) {
            case START -> b == ' ' || b == '\t' || b == '\r' ? Place.START : b == '#' ? Place.COMMENT : Place.SERIES;
            case SERIES -> b == ' ' ? Place.FIELDS : Place.SERIES;
            case FIELDS -> {
                if (b == '"' && before == '=') {
                    yield Place.STRING;
                }
                // Several spaces may stand before the first field.
                yield b == ' ' && before != ' ' ? Place.TIME : Place.FIELDS;
            }
            case STRING -> b == '"' ? Place.FIELDS : Place.STRING;
            case COMMENT, TIME -> place;
        };
    }
}
