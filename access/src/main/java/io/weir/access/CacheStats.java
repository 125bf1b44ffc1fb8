package io.weir.access;

/**
 * What the cache of verified tokens has done.
 *
 * @param size tokens in it now, those unused for too long and not swept yet included
 * @param maxSize most tokens in it
 * @param hits requests that it knew the token of
 * @param misses requests for whose token the catalog was asked
 * @param evictions tokens dropped for want of room
 * @param expirations tokens dropped because they were not used for too long
 * @param invalidations times that everything had to be asked again because something had changed
 * @param sweeps times that it was looked for tokens unused for too long
 * @param lastSwept tokens that the last of these dropped
 */
record CacheStats(
        long size,
        long maxSize,
        long hits,
        long misses,
        long evictions,
        long expirations,
        long invalidations,
        long sweeps,
        long lastSwept) {}
