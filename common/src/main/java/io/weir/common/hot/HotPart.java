package io.weir.common.hot;

import io.weir.common.batch.ColumnBatch;
import java.util.List;

/**
 * The batches of one measurement that will be committed together by one flush.
 *
 * @param flushId the flush that commits, or already has committed, exactly these batches (and perhaps later ones)
 * @param batches batches in the order they were written; never modified
 */
public record HotPart(String flushId, List<ColumnBatch> batches) {

    public HotPart {
        batches = List.copyOf(batches);
    }

    /** Rows in all batches. */
    public long rows() {
        long rows = 0;
        for (ColumnBatch batch : batches) {
            rows += batch.rows();
        }
        return rows;
    }
}
