package io.weir.query.cache;

/**
 * A cache in numbers: what happened since the start, and what it holds now.
 *
 * @param hits questions answered from what was kept or shared
 * @param shared those of them that waited for another one's run
 * @param misses questions that could have been, and were run
 * @param bypasses questions that never could, or were asked to be run
 * @param sets results that were kept
 * @param tooLarge results that were too large for it, or came when there was no memory to gather them
 * @param evictions results that left for want of room
 * @param expirations results that left because of their age
 * @param invalidations results that left because they were to, or because newer ones came
 * @param sweeps times it was swept
 * @param size results it holds
 * @param bytes what they weigh
 * @param maxBytes most they may weigh
 */
public record CacheStats(
        long hits,
        long shared,
        long misses,
        long bypasses,
        long sets,
        long tooLarge,
        long evictions,
        long expirations,
        long invalidations,
        long sweeps,
        long size,
        long bytes,
        long maxBytes) {

    /** Questions that were looked up. */
    public long requests() {
        return hits + misses;
    }

    /** Hits of the requests, from 0 to 1; 0 before the first one. */
    public double hitRate() {
        return requests() == 0 ? 0 : (double) hits / requests();
    }
}
