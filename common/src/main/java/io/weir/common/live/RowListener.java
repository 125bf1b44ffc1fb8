package io.weir.common.live;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;

/**
 * Hears of rows once they are durable and visible. A port: the write path tells, in the order in which rows were logged. Rows
 * that are replayed after a start are not told again.
 */
@FunctionalInterface
public interface RowListener {

    /** Nobody listens. */
    RowListener NONE = (database, batch) -> {};

    /**
     * Those rows have been written. Called on the thread of the log: must be quick, must not block and must not fail.
     *
     * @param database whose rows; the batch knows its measurement
     * @param batch never modified
     */
    void published(DatabaseId database, ColumnBatch batch);

    /** That many rows, written before the next ones, were left out on the way here. */
    default void missed(TableId table, long rows) {
        // Whoever has nobody to tell need not count.
    }
}
