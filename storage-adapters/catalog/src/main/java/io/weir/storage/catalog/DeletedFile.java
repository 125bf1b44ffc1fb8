package io.weir.storage.catalog;

/**
 * What became of one file of a delete.
 *
 * @param objectKey its key
 * @param outcome how it stands
 * @param rows rows it had
 * @param removedRows rows that left with it, or with its rewriting; of all deletes that were applied to it together
 * @param failures how often in a row rewriting it failed
 * @param failure how it failed last; empty when it did not
 */
public record DeletedFile(
        String objectKey, FileOutcome outcome, long rows, long removedRows, int failures, String failure) {}
