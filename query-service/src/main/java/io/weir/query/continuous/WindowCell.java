package io.weir.query.continuous;

import io.weir.common.batch.BatchBuilder;

/** Writes the value of one column of a result into the current row of a batch, unless it is null. */
@FunctionalInterface
interface WindowCell {

    void write(int row, BatchBuilder batch, RowsDigest digest);
}
