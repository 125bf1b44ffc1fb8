package io.weir.query.continuous;

import io.weir.common.batch.ColumnBatch;
import org.jspecify.annotations.Nullable;

/**
 * What a window holds.
 *
 * @param batch its rows; null when there are none
 * @param digest what tells them from others
 */
record WindowResult(@Nullable ColumnBatch batch, String digest) {

    int rows() {
        return batch == null ? 0 : batch.rows();
    }
}
