package io.weir.storage.catalog;

/**
 * One immutable Parquet file of a measurement.
 *
 * @param objectKey key in the object store
 * @param minMicros earliest time in it, UTC microseconds
 * @param maxMicros latest time in it, inclusive
 * @param rows number of rows
 * @param sizeBytes length of the file
 */
public record DataFile(String objectKey, long minMicros, long maxMicros, long rows, long sizeBytes) {}
