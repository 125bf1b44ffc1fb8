package io.weir.storage.parquet;

/**
 * The values one tag has in a data file, for pruning.
 *
 * @param min least value by UTF-8 bytes
 * @param max greatest value by UTF-8 bytes
 * @param everywhere whether every row of the file has the tag
 */
public record TagRange(String min, String max, boolean everywhere) {}
