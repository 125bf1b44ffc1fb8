package io.weir.storage.catalog;

import java.time.Instant;

/**
 * One attempt to make one file of several.
 *
 * @param id unique name, at most 64 characters
 * @param partition where
 * @param began when
 * @param ended when
 * @param inputFiles files it read
 * @param inputRows rows in them
 * @param inputBytes their size
 * @param outputRows rows of the file it made; 0 when it failed
 * @param outputBytes size of the file it made; 0 when it failed
 * @param failure what it failed of; empty when it did not fail
 */
public record CompactionRun(
        String id,
        Partition partition,
        Instant began,
        Instant ended,
        long inputFiles,
        long inputRows,
        long inputBytes,
        long outputRows,
        long outputBytes,
        String failure) {}
