package io.weir.ingest.compaction.plan;

/**
 * Bounds of one merge.
 *
 * @param targetBytes size of files that are large enough
 * @param maxFiles most inputs, at least 2
 * @param maxBytes most bytes of inputs, unless two have more
 */
public record PlanLimits(long targetBytes, int maxFiles, long maxBytes) {}
