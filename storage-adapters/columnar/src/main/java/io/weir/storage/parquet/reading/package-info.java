/**
 * Owns the reading of Parquet files that others wrote: a footer that is checked before anything is believed, and rows, row
 * group by row group, into batches. Start at {@link io.weir.storage.parquet.reading.ParquetRows}.
 */
@NullMarked
package io.weir.storage.parquet.reading;

import org.jspecify.annotations.NullMarked;
