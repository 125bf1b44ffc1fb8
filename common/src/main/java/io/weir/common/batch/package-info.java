/**
 * Owns the unit in which rows travel: {@link io.weir.common.batch.ColumnBatch}, one measurement in columns of primitive
 * arrays. Start there.
 */
@NullMarked
package io.weir.common.batch;

import org.jspecify.annotations.NullMarked;
