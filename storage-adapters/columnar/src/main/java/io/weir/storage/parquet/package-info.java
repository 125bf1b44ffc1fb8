/**
 * Owns the making of data files: column batches of one measurement in, sorted Parquet files out. Start at {@link
 * io.weir.storage.parquet.HourPartitions}, which cuts batches into {@link io.weir.storage.parquet.SortedRows}, and {@link
 * io.weir.storage.parquet.DataFileWriter}, which writes those.
 */
@NullMarked
package io.weir.storage.parquet;

import org.jspecify.annotations.NullMarked;
