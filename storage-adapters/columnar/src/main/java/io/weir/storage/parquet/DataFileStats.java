package io.weir.storage.parquet;

import io.weir.common.stats.TagRange;
import java.util.Map;

/**
 * What a data file holds, exactly; what the catalog keeps of it.
 *
 * @param rows number of rows, at least 1
 * @param bytes size of the file
 * @param minTimeMicros earliest time, UTC microseconds since 1970
 * @param maxTimeMicros latest time, inclusive
 * @param rowGroups number of row groups
 * @param tags per tag that some row has, its range; in schema order
 */
public record DataFileStats(
        long rows, long bytes, long minTimeMicros, long maxTimeMicros, int rowGroups, Map<String, TagRange> tags) {}
