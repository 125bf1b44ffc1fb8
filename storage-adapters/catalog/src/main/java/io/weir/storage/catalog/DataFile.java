package io.weir.storage.catalog;

import io.weir.common.stats.FileTags;

/**
 * One immutable Parquet file of a measurement.
 *
 * @param objectKey key in the object store
 * @param minMicros earliest time in it, UTC microseconds
 * @param maxMicros latest time in it, inclusive
 * @param rows number of rows
 * @param sizeBytes length of the file
 * @param tags what is known of its tags when it is committed; unknown in one that is read back
 */
public record DataFile(String objectKey, long minMicros, long maxMicros, long rows, long sizeBytes, FileTags tags) {

    /** A file of whose tags nothing is known. */
    public DataFile(String objectKey, long minMicros, long maxMicros, long rows, long sizeBytes) {
        this(objectKey, minMicros, maxMicros, rows, sizeBytes, FileTags.UNKNOWN);
    }
}
