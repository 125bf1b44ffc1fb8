package io.weir.storage.catalog;

import java.time.Instant;

/**
 * One run of a retention policy.
 *
 * @param id its id
 * @param policyId the policy's
 * @param began when it began
 * @param ended when it ended
 * @param cutoff rows older than that were to go
 * @param files files that were dropped
 * @param rows rows in them
 * @param bytes their size
 * @param boundaryFiles files that were left with their younger rows
 * @param boundaryRows rows that were deleted from them
 * @param failure what it failed of, in a sentence; empty when it did not
 */
public record RetentionRun(
        String id,
        String policyId,
        Instant began,
        Instant ended,
        Instant cutoff,
        long files,
        long rows,
        long bytes,
        long boundaryFiles,
        long boundaryRows,
        String failure) {

    public RetentionRun {
        failure = TaskState.cut(failure);
    }
}
