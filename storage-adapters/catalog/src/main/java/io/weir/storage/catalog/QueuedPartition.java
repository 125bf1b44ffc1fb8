package io.weir.storage.catalog;

import java.time.Instant;

/**
 * A partition that waits to be compacted.
 *
 * @param partition which one
 * @param changes files that came since it was last looked at
 * @param quietSince when the last one came, or from when on another look is worth while
 * @param failures attempts that failed in a row
 */
public record QueuedPartition(Partition partition, long changes, Instant quietSince, int failures) {}
