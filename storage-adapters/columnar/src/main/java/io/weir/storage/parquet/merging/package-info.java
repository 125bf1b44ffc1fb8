/** Owns the merging of data files into one, row group by row group. Start at {@link io.weir.storage.parquet.merging.FileMerge}. */
@NullMarked
package io.weir.storage.parquet.merging;

import org.jspecify.annotations.NullMarked;
