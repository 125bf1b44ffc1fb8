package io.weir.ingest.wal;

/**
 * The mark of a write that must not be stored twice. It is logged with the rows, so that it is known after a crash
 * exactly when they are.
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

    /** Whether the other key marks the same request. */
    public boolean sameRequest(WriteKey other) {
        return text.equals(other.text) && bodyBytes == other.bodyBytes && fingerprint == other.fingerprint;
    }
}
