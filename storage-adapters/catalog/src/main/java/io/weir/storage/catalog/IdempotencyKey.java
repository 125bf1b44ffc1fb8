package io.weir.storage.catalog;

/**
 * The key of a write whose rows are in files.
 *
 * @param organisation owner
 * @param database database written to
 * @param text the key, at most 255 bytes
 * @param writtenMillis when the write was taken, milliseconds since 1970
 * @param expiresMillis when it may be forgotten, milliseconds since 1970
 * @param bodyBytes bytes of the request body
 * @param fingerprint hash of the request
 * @param walId log the write is in
 * @param sequence sequence of its first batch in that log
 * @param outcome what to answer when it is repeated, in the words of the ingest service
 */
public record IdempotencyKey(
        String organisation,
        String database,
        String text,
        long writtenMillis,
        long expiresMillis,
        long bodyBytes,
        long fingerprint,
        String walId,
        long sequence,
        String outcome) {}
