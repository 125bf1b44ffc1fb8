package io.weir.ingest.wal;

/**
 * The mark of a write that must not be stored twice. It is logged with the rows, so that it is known after a crash
 * exactly when they are.
 *
 * <p>The server's own writers log long work piece by piece. Each piece has a key of its own, which is a part of the key of
 * the whole ({@link #part}): so a piece that comes again is known whatever came behind it, and of all pieces only the
 * last is remembered, by the text of the whole.
 *
 * @param text the key, unique within its database while it is remembered; at most {@value #MAX_BYTES} bytes of UTF-8
 * @param writtenMillis when the write was taken, milliseconds since 1970
 * @param expiresMillis when it may be forgotten, milliseconds since 1970
 * @param bodyBytes bytes of the request's body as sent; for other writers whatever tells two writes apart
 * @param fingerprint hash of the request; the same key with another one is another request
 * @param outcome what to answer the next time, in the words of whoever wrote it; empty when every row was stored. At
 *     most {@value #MAX_BYTES} bytes of UTF-8
 */
public record WriteKey(
        String text, long writtenMillis, long expiresMillis, long bodyBytes, long fingerprint, String outcome) {

    /** Longest text and longest outcome. */
    public static final int MAX_BYTES = 0xFFFF;

    /** Between the text of a whole and the name of its part; no client may send it. */
    private static final char PART = '\u0002';

    /** This key for the piece of that name, of a whole whose text this has. */
    public WriteKey part(String name) {
        return new WriteKey(partPrefix(text) + name, writtenMillis, expiresMillis, bodyBytes, fingerprint, outcome);
    }

    /** What the texts of the pieces of a whole begin with. */
    public static String partPrefix(String whole) {
        return whole + PART;
    }

    /** Whether the key is that of a piece. */
    public boolean isPart() {
        return text.indexOf(PART) >= 0;
    }

    /** Text of the whole that this is a piece of; the text itself when it is none. */
    public String wholeText() {
        return isPart() ? text.substring(0, text.indexOf(PART)) : text;
    }

    /** Whether the other key marks the same request. */
    public boolean sameRequest(WriteKey other) {
        return text.equals(other.text) && bodyBytes == other.bodyBytes && fingerprint == other.fingerprint;
    }
}
