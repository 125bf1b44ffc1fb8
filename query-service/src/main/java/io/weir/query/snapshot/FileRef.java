package io.weir.query.snapshot;

/**
 * One data file of a snapshot.
 *
 * @param path absolute local path, inside the engine's data directories
 * @param rows rows in it
 * @param minTimeMicros earliest time in it, UTC microseconds
 * @param maxTimeMicros latest time in it, UTC microseconds
 */
public record FileRef(String path, long rows, long minTimeMicros, long maxTimeMicros) {}
