package io.weir.ingest.wal;

/**
 * A key that is in the log.
 *
 * @param key the key
 * @param sequence sequence number of the first batch of its append
 */
public record LoggedKey(WriteKey key, long sequence) {}
