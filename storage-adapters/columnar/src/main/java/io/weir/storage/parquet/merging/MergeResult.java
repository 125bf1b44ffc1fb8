package io.weir.storage.parquet.merging;

import io.weir.storage.parquet.DataFileStats;

/**
 * What a merge made.
 *
 * @param output the file it wrote
 * @param inputs how many of the inputs, from the first on, are in it: those whose row groups fit into memory together
 * @param rowsRead rows of those inputs
 */
public record MergeResult(DataFileStats output, int inputs, long rowsRead) {}
