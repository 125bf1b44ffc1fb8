package io.weir.storage.catalog;

import java.time.Instant;

/**
 * One run of a continuous query.
 *
 * @param id its id
 * @param queryId the query's
 * @param began when it began
 * @param ended when it ended
 * @param from beginning of the first of its windows; the watermark when there is none
 * @param to end of the last
 * @param windows windows that it computed for the first time
 * @param recomputed windows that late rows had changed
 * @param rows rows of both
 * @param failure what it failed of, in a sentence; empty when it did not
 */
public record ContinuousRun(
        String id,
        String queryId,
        Instant began,
        Instant ended,
        Instant from,
        Instant to,
        long windows,
        long recomputed,
        long rows,
        String failure) {

    public ContinuousRun {
        failure = TaskState.cut(failure);
    }
}
