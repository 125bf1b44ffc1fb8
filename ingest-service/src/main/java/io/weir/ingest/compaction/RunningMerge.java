package io.weir.ingest.compaction;

import io.weir.storage.catalog.Partition;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A merge under way, as it is told.
 *
 * @param id its id
 * @param partition where
 * @param began when
 * @param inputFiles how many files it was given
 * @param inputRows rows in them
 * @param rowsWritten rows written so far
 */
record RunningMerge(
        String id, Partition partition, Instant began, int inputFiles, long inputRows, AtomicLong rowsWritten) {}
