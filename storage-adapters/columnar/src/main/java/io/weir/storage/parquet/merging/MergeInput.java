package io.weir.storage.parquet.merging;

import java.nio.file.Path;

/**
 * One file to be merged.
 *
 * @param file where it is
 * @param name what messages call it
 * @param rows rows it must have
 */
public record MergeInput(Path file, String name, long rows) {}
