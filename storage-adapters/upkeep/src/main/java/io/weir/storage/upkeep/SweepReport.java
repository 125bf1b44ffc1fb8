package io.weir.storage.upkeep;

/**
 * What one cycle did.
 *
 * @param listed data files of the store that were looked at
 * @param found orphans among them, older than the grace period, that were condemned
 * @param removed objects that were removed, found now or earlier
 * @param failed objects that could not be removed; they are tried again by the next cycle
 */
public record SweepReport(long listed, long found, long removed, long failed) {}
