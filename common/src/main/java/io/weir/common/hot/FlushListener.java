package io.weir.common.hot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.TableId;
import java.util.List;

/**
 * Hears what a flush is about to commit, before it does, so that what is kept of files need not be read back from them. A port:
 * the query side implements it, the ingest side tells. A flush that fails is told again when it is tried again, with the same
 * rows; one that never commits is never seen in the catalog either.
 */
@FunctionalInterface
public interface FlushListener {

    /** Nobody listens. */
    FlushListener NONE = (table, flushId, batches) -> {};

    /**
     * Those rows, all of them, are about to be committed under that flush id. Called on a thread for the work of flushes;
     * must not block and must not fail.
     *
     * @param batches never modified; to be let go of when the call ends
     */
    void flushing(TableId table, String flushId, List<ColumnBatch> batches);
}
