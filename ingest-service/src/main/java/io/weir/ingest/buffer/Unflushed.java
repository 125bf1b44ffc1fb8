package io.weir.ingest.buffer;

/**
 * Rows that were sealed to be flushed and are not in files yet.
 *
 * @param rows rows of all measurements
 * @param measurements measurements that have such rows
 */
public record Unflushed(long rows, long measurements) {}
