package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import java.util.List;

/**
 * One flush to be committed.
 *
 * @param flushId unique name of the flush; committing it twice is the same as once
 * @param table measurement whose rows were flushed
 * @param walId log the rows came from
 * @param firstSequence smallest sequence of that log among the flushed batches of this measurement
 * @param lastSequence largest one; every batch of this measurement between the two is in the flush
 * @param files files written
 * @param keys idempotency keys of the writes the flushed rows came with, each once; remembered with the commit
 */
public record FlushCommit(
        String flushId,
        TableId table,
        String walId,
        long firstSequence,
        long lastSequence,
        List<DataFile> files,
        List<IdempotencyKey> keys) {

    public FlushCommit {
        files = List.copyOf(files);
        keys = List.copyOf(keys);
    }

    /** A flush of rows that came without keys. */
    public FlushCommit(
            String flushId, TableId table, String walId, long firstSequence, long lastSequence, List<DataFile> files) {
        this(flushId, table, walId, firstSequence, lastSequence, files, List.of());
    }
}
