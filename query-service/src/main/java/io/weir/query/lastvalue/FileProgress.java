package io.weir.query.lastvalue;

import io.weir.common.schema.MeasurementSchema;
import java.util.List;
import java.util.Set;

/**
 * A measurement as of one moment, and what led there from an earlier one.
 *
 * @param schema its columns
 * @param sequence its commit sequence: each transaction that touches its files has the next one
 * @param commits what was committed in between, in no particular order; a sequence that is missing among them was something else
 * @param rows rows in all of its files; below 0 when all commits are recent flushes, and nobody counted
 * @param committedFlushIds of the flush ids that were asked about, those that are committed
 * @param version what tells this state of its schema and files from every other
 */
public record FileProgress(
        MeasurementSchema schema,
        long sequence,
        List<Commit> commits,
        long rows,
        Set<String> committedFlushIds,
        String version) {

    public FileProgress {
        commits = List.copyOf(commits);
        committedFlushIds = Set.copyOf(committedFlushIds);
    }

    /**
     * One flush, or one change: files that were replaced or removed.
     *
     * @param id its id
     * @param sequence the commit sequence it made
     * @param flush whether it only added rows, those of one flush
     */
    public record Commit(String id, long sequence, boolean flush) {}
}
