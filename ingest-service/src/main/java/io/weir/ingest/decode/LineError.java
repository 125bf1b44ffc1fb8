package io.weir.ingest.decode;

/**
 * Why one line was rejected.
 *
 * @param lineNumber 1-based number of the line of the body on which the rejected line starts; newlines inside quoted
 *     strings count
 * @param column 1-based byte of the rejected line at which reading stopped
 * @param kind class of the fault
 * @param message what, where and what was expected
 * @param originalLine start of the rejected line, for people: at most {@value #MAX_ORIGINAL_BYTES} bytes of it
 */
public record LineError(int lineNumber, int column, Kind kind, String message, String originalLine) {

    /** Longest part of a rejected line that is kept. */
    public static final int MAX_ORIGINAL_BYTES = 512;

    /** What was wrong with the line. */
    public enum Kind {
        /** Not line protocol, or not UTF-8. */
        SYNTAX,
        /** A name that is empty, too long, reserved, repeated, or both a tag and a field. */
        NAME,
        /** A value of another type than its column has. */
        TYPE_CONFLICT,
        /** A number or timestamp out of range. */
        RANGE,
        /** A limit of the server: line length, number of columns. */
        LIMIT
    }
}
